import type { Clock, Logger } from '@credential-renewal/runtime';
import type { mongo } from 'mongoose';
import { isCredentialsRefusal } from './explain-mongo-error.ts';

/** The kinds of servers that take writes, in the words of the driver. */
const writableTypes = new Set<string>(['Standalone', 'RSPrimary', 'Mongos', 'LoadBalancer']);

/**
 * Notes what keeps us from the database, from the driver's own heartbeats and connections; nothing of ours has to be asked for it.
 * Answers with what is wrong and since when; undefined: nothing.
 */
export function watchServers(
  client: mongo.MongoClient,
  clock: Clock,
  logger: Logger,
): () => string | undefined {
  let unwritable: string | undefined;
  let refused: string | undefined;
  const now = () => new Date(clock.nowMs()).toISOString();

  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    const servers = [...newDescription.servers.values()];
    const errors = servers.flatMap(({ error }) => error ?? []);
    if (servers.some(({ type }) => writableTypes.has(type))) {
      if (unwritable !== undefined) logger.info('the database can be written to again');
      unwritable = undefined;
    } else if (errors.some(isCredentialsRefusal)) {
      // Of a refused login the driver makes a server that is not there, and finds it again with the next heartbeat, which needs no login.
      if (refused !== undefined) return;
      refused = `our credentials are refused since ${now()}: check STORE_USERNAME and STORE_PASSWORD_FILE, or the user in STORE_URL`;
      logger.error('the database refuses our credentials');
    } else if (unwritable === undefined) {
      const reason = errors[0]?.message ?? 'there is no primary';
      unwritable = `no server can be written to since ${now()}: ${reason}`;
      logger.error({ reason }, 'no database server can be written to');
    }
  });
  client.on('connectionReady', () => {
    if (refused !== undefined) logger.info('the database takes our credentials again');
    refused = undefined;
  });
  return () => refused ?? unwritable;
}
