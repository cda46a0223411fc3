import { startContainerServer } from './container-server.ts';
import { askMongo, mongoAnswers } from './mongo-wire.ts';
import type { ServerNode } from './server-node.ts';

const image = 'mongo:8';

/** MongoDB itself, a replica set of one, so that it has sessions, retryable writes and elections. */
export async function startMongoContainer(port: number): Promise<ServerNode> {
  const { GenericContainer } = await import('testcontainers');
  const container = new GenericContainer(image).withCommand([
    '--replSet',
    'test',
    '--bind_ip_all',
    '--port',
    `${port}`,
  ]);
  return startContainerServer({
    container,
    ports: [port],
    answers: async () => (await mongoAnswers(port)) || (await initiate(port)),
    withinMs: 120_000,
  });
}

/** The member's address holds inside and outside: drivers go to where the set says that it lives. Once done it is refused, and harmless. */
async function initiate(port: number): Promise<false> {
  const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
  // Alone, it need not wait ten seconds for others before it is primary again.
  const settings = { electionTimeoutMillis: 1_000 };
  await askMongo(port, { replSetInitiate: { _id: 'test', members, settings } }).catch(() => false);
  return false;
}
