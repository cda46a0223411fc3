import { TLSSocket } from 'node:tls';
import { EventLogUnavailableError } from '../errors.ts';
import type { KafkaClient } from './kafka-client.ts';
import type { KafkaBroker, KafkaCluster } from './kafka-cluster.ts';
import { isSilence } from './kafka-errors.ts';
import { withTimeout } from './with-timeout.ts';

type Request<T> = (broker: KafkaBroker) => Promise<T>;

/**
 * Connections of one user to the brokers, made when they are needed, and made anew when they are of no use any more. Nothing is
 * tried twice here: each user has a loop of its own.
 */
export type KafkaLink = {
  /** Asks the broker with this id. One that does not answer in `timeoutMs` loses its connections, unless `keepsSilent`. */
  ask<T>(nodeId: string, request: Request<T>, timeoutMs?: number): Promise<T>;
  /** Asks any broker. */
  askAny<T>(request: Request<T>): Promise<T>;
  /** The ids of all brokers. */
  nodes(): Promise<string[]>;
  /** Resets the connections to a broker: what it has not yet been given is never sent. */
  giveUp(nodeId: string): Promise<void>;
  /** Forgets all brokers; the next request begins with those of the settings. */
  startOver(): void;
  close(): Promise<void>;
};

/** What kafkajs may still wait for when it disconnects: at most a fetch. */
const closeMs = 1000;

export function createKafkaLink(options: {
  client: KafkaClient;
  timeoutMs: number;
  /** kafkajs learns of the other brokers only with a topic. Undefined: `askAny` is all that works, but no topic needs to exist. */
  topic: string | undefined;
  /** Keeps a connection whose last request was not answered, because what was sent may still be carried out, in order. */
  keepsSilent?: boolean;
}): KafkaLink {
  const { client, topic, timeoutMs, keepsSilent = false } = options;
  // To connect can take as long as a request, and so can the question what brokers there are.
  const openMs = 3 * timeoutMs;
  let cluster: KafkaCluster | undefined;
  let opening: Promise<KafkaCluster> | undefined;
  let isClosed = false;

  function discard(used: KafkaCluster | undefined): void {
    if (cluster === used) cluster = undefined;
    void used?.disconnect().catch(() => undefined);
  }

  async function connect(): Promise<KafkaCluster> {
    if (isClosed) throw new EventLogUnavailableError('it is closed');
    cluster ??= client.cluster();
    const used = cluster;
    try {
      await withTimeout(load(used), openMs);
      return used;
    } catch (error) {
      discard(used);
      throw error;
    }
  }

  async function load(used: KafkaCluster): Promise<void> {
    await used.connect();
    if (topic !== undefined) await used.addMultipleTargetTopics([topic]);
  }

  function open(): Promise<KafkaCluster> {
    opening ??= connect().finally(() => {
      opening = undefined;
    });
    return opening;
  }

  return {
    async ask(nodeId, request, patienceMs = timeoutMs) {
      const used = await open();
      const broker = await withTimeout(used.findBroker({ nodeId }), openMs);
      try {
        return await withTimeout(request(broker), patienceMs);
      } catch (error) {
        if (isSilence(error) && !keepsSilent) giveUp(used, broker);
        throw error;
      }
    },
    async askAny(request) {
      const used = await open();
      try {
        const broker = await withTimeout(used.brokerPool.findConnectedBroker(), openMs);
        return await withTimeout(request(broker), timeoutMs);
      } catch (error) {
        if (isSilence(error)) discard(used);
        throw error;
      }
    },
    nodes: async () => (await open()).getNodeIds(),
    async giveUp(nodeId) {
      const used = cluster;
      if (used) giveUp(used, await used.findBroker({ nodeId }));
    },
    startOver: () => discard(cluster),
    async close() {
      isClosed = true;
      const used = cluster;
      cluster = undefined;
      if (used) await withTimeout(used.disconnect(), closeMs).catch(() => undefined);
    },
  };
}

/**
 * The next connection then gets new objects of kafkajs: those that exist would take what the old socket may still bring for an answer on
 * the new one.
 */
function giveUp(cluster: KafkaCluster, broker: KafkaBroker): void {
  const { host, port, pool } = broker.connectionPool;
  cluster.removeBroker({ host, port });
  for (const { socket } of pool) reset(socket);
  void broker.disconnect().catch(() => undefined);
}

function reset(socket: KafkaBroker['connectionPool']['pool'][number]['socket']): void {
  if (!socket || socket.destroyed) return;
  // One that does not stand yet has sent nothing, and TLS has no reset.
  if (socket.connecting || socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
