import type { Logger } from '@credential-renewal/runtime';
import { Kafka, logLevel, PartitionAssigners, type SASLOptions } from 'kafkajs';
import type { KafkaCluster } from './kafka-cluster.ts';
import { createKafkaLogCreator } from './kafka-logger.ts';
import type { KafkaSettings } from './kafka-settings.ts';
import { mendRequestQueue } from './kafkajs-request-queue.ts';

/** kafkajs, configured: what opens connections to the brokers. */
export type KafkaClient = {
  /** Connections of their own for one user. */
  cluster(): KafkaCluster;
};

// Each loop of ours has its own backoff, so kafkajs tries once. Given here because what it takes by itself depends on NODE_ENV.
const once = { retries: 0, initialRetryTime: 100, maxRetryTime: 1000, factor: 0.2, multiplier: 2 };
export function createKafkaClient(
  settings: KafkaSettings,
  { service, logger }: { service: string; logger: Logger },
): KafkaClient {
  mendRequestQueue();
  const kafka = new Kafka({
    clientId: service,
    brokers: () => shuffled(settings.brokers),
    ssl: settings.tls && {
      ca: settings.tls.ca,
      cert: settings.tls.certificate,
      key: settings.tls.key,
    },
    // A copy: kafkajs notes in it what it authenticates with.
    sasl: settings.sasl && ({ ...settings.sasl } as SASLOptions),
    connectionTimeout: settings.connectTimeoutMs,
    authenticationTimeout: settings.requestTimeoutMs,
    // Where brokers end sessions (KIP-368): this long before.
    reauthenticationThreshold: settings.requestTimeoutMs,
    requestTimeout: settings.requestTimeoutMs,
    enforceRequestTimeout: true,
    retry: once,
    logLevel: logger.isLevelEnabled('debug') ? logLevel.INFO : logLevel.WARN,
    logCreator: createKafkaLogCreator(logger),
  });

  return {
    cluster() {
      let cluster: KafkaCluster | undefined;
      // kafkajs hands its connections out to an assigner of partitions; the consumer around it is never run.
      kafka.consumer({
        groupId: service,
        allowAutoTopicCreation: false,
        partitionAssigners: [
          (context) => {
            cluster = context.cluster as unknown as KafkaCluster;
            return PartitionAssigners.roundRobin(context);
          },
        ],
      });
      if (!cluster) throw new Error('kafkajs gave no cluster to the assigner');
      return cluster;
    },
  };
}

/** kafkajs always begins with the first: a broker that hangs would be asked again and again. */
function shuffled(brokers: readonly string[]): string[] {
  return brokers
    .map((broker) => ({ broker, order: Math.random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ broker }) => broker);
}
