import {
  type CloudEvent,
  type EventLog,
  openEventLog,
  readEventLogSettings,
} from '@credential-renewal/events';
import { createLogger, type Logger, readSettings, systemClock } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { type KafkaOptions, type KafkaServer, startKafka } from '../servers/kafka-server.ts';
import { spawnNode } from '../system/spawned-process.ts';

/** A Kafka of its own with our topics, and logs that use it. */
export type KafkaWorld = {
  kafka: KafkaServer;
  env: Record<string, string>;
  open(deps?: Deps): Promise<EventLog>;
};

/** Short, so that what waits for a time-out does not wait long. */
const timeouts = { KAFKA_REQUEST_TIMEOUT_MS: '1500', KAFKA_SESSION_TIMEOUT_MS: '6000' };

export async function createKafkaWorld(
  options: KafkaOptions,
  /** Beside the address of the brokers: how to get in, say. */
  more: (kafka: KafkaServer) => Record<string, string> = () => ({}),
): Promise<KafkaWorld> {
  const kafka = await startKafka(options);
  const env = kafkaEnv(kafka, more(kafka));
  await createTopics(env, options.nodes ?? 1);
  return { kafka, env, open: (deps) => openLog(env, deps) };
}

type Deps = { logger?: Logger; metrics?: Registry };

export function openLog(
  env: Record<string, string>,
  { logger = silent, metrics = new Registry() }: Deps = {},
): Promise<EventLog> {
  const settings = readSettings(env, readEventLogSettings);
  return openEventLog(settings, { service: 'test', clock: systemClock, logger, metrics });
}

export function kafkaEnv(kafka: KafkaServer, more: Record<string, string>): Record<string, string> {
  return { ...timeouts, EVENT_LOG_URL: `kafka:${kafka.brokers.join(',')}`, ...more };
}

const silent = createLogger({ service: 'test', level: 'silent' });

/** As an operator does. Not synchronously: a proxy before the brokers may live in this process. */
export async function createTopics(env: Record<string, string>, replicationFactor: number) {
  const main = 'packages/events/src/create-topics.main.ts';
  const command = spawnNode([main, '--replication-factor', `${replicationFactor}`], env);
  if ((await command.ended) !== 0) throw new Error(command.output());
}

/** Everything that is in the topic at the moment, in the order of each partition. */
export async function readTopic(log: EventLog, topic: string): Promise<CloudEvent[]> {
  const events: CloudEvent[] = [];
  const caughtUp = Promise.withResolvers<void>();
  const tail = await log.tail({
    topics: [topic],
    from: 'start',
    handle: ({ event }) => void events.push(event),
    caughtUp: caughtUp.resolve,
  });
  await caughtUp.promise;
  await tail.stop();
  return events;
}
