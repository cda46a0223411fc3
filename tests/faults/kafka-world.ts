import { spawnSync } from 'node:child_process';
import {
  type CloudEvent,
  type EventLog,
  openEventLog,
  readEventLogSettings,
} from '@credential-renewal/events';
import { createLogger, type Logger, readSettings, systemClock } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { top } from '../check/source-files.ts';
import { type KafkaOptions, type KafkaServer, startKafka } from '../servers/kafka-server.ts';

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
  createTopics(env, options.nodes ?? 1);
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

/** As an operator does. */
export function createTopics(env: Record<string, string>, replicationFactor: number): void {
  const main = 'packages/events/src/create-topics.main.ts';
  const args = [main, '--replication-factor', `${replicationFactor}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: top,
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
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
