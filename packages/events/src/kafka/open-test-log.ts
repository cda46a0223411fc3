import { randomUUID } from 'node:crypto';
import { createLogger, type Logger, systemClock } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import type { EventLog } from '../event-log.ts';
import { createTopics } from './create-topics.ts';
import { createKafkaClient } from './kafka-client.ts';
import { openKafkaEventLog } from './kafka-event-log.ts';
import { createKafkaLink } from './kafka-link.ts';
import type { KafkaSettings } from './kafka-settings.ts';
import { topicSettings } from './topic-settings.ts';

/** The settings of tests: everything that waits for a time-out waits for less. */
export function testSettings(
  brokers: string,
  overrides: Partial<KafkaSettings> = {},
): KafkaSettings {
  return {
    engine: 'kafka',
    brokers: brokers.split(','),
    tls: undefined,
    sasl: undefined,
    requestTimeoutMs: 3000,
    connectTimeoutMs: 1000,
    sessionTimeoutMs: 6000,
    ...overrides,
  };
}

export const testGroups = ['readers', 'first', 'second'];

/** Topics of its own on the brokers of a test, and logs that use them. */
export async function createTestTopics(
  brokers: string,
  options: {
    replicationFactor?: number;
    /** Another number than ours, which the log must refuse. */
    partitions?: number;
    settings?: Partial<KafkaSettings>;
    logger?: Logger;
  } = {},
) {
  const logger = options.logger ?? createLogger({ service: 'test', level: 'silent' });
  const settings = testSettings(brokers, options.settings);
  const namePrefix = `t${randomUUID().slice(0, 8)}.`;
  const topics = topicSettings(testGroups).map((one) => ({
    ...one,
    topic: `${namePrefix}${one.topic}`,
  }));
  const { replicationFactor = 1, partitions } = options;
  const created = topics.map((one) => ({ ...one, partitions: partitions ?? one.partitions }));
  await createTopics({ settings, topics: created, replicationFactor, alter: false, logger });
  return {
    namePrefix,
    settings,
    topics,
    /** Brokers that run many tests keep none of their topics. */
    async remove() {
      const client = createKafkaClient(settings, { service: 'test', logger });
      const link = createKafkaLink({ client, timeoutMs: 10_000, topic: undefined });
      const names = topics.map(({ topic }) => topic);
      await link.askAny((broker) => broker.deleteTopics({ topics: names, timeout: 10_000 }));
      await link.close();
    },
    open: (
      overrides: { metrics?: Registry; settings?: Partial<KafkaSettings> } = {},
    ): Promise<EventLog> =>
      openKafkaEventLog({
        settings: { ...settings, ...overrides.settings },
        service: 'test',
        clock: systemClock,
        logger,
        metrics: overrides.metrics ?? new Registry(),
        groups: testGroups,
        namePrefix,
      }),
  };
}
