import { randomUUID } from 'node:crypto';
import { createLogger, type Logger, systemClock } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import type { EventLog } from '../event-log.ts';
import { partitionsOf } from '../topic-partition.ts';
import { createClusterView } from './cluster-view.ts';
import { createTopics } from './create-topics.ts';
import { createKafkaClient } from './kafka-client.ts';
import type { FetchedMessage } from './kafka-cluster.ts';
import { openKafkaEventLog } from './kafka-event-log.ts';
import { createKafkaLink } from './kafka-link.ts';
import type { KafkaSettings } from './kafka-settings.ts';
import type { OutgoingMessage } from './message-parts.ts';
import { readUncommitted } from './protocol.ts';
import { topicSettings } from './topic-settings.ts';

/** Settings for tests: what waits for a time-out waits for less. */
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
const silent = createLogger({ service: 'test', level: 'silent' });

/** Topics of its own on the brokers of a test, logs that use them, and a stranger's way to them. */
export async function createKafkaTestBed(
  brokers: string,
  options: {
    replicationFactor?: number;
    /** False: an operator has forgotten them. */
    areCreated?: boolean;
    /** Another number than ours, which the log must refuse. */
    partitions?: number;
    settings?: Partial<KafkaSettings>;
    logger?: Logger;
  } = {},
) {
  const { replicationFactor = 1, areCreated = true, partitions, logger = silent } = options;
  const settings = testSettings(brokers, options.settings);
  const namePrefix = `t${randomUUID().slice(0, 8)}.`;
  const topics = topicSettings(testGroups).map((one) => ({
    ...one,
    topic: `${namePrefix}${one.topic}`,
    partitions: partitions ?? one.partitions,
  }));
  if (areCreated) {
    await createTopics({ settings, topics, replicationFactor, alter: false, logger });
  }
  const names = topics.map(({ topic }) => topic);
  const client = createKafkaClient(settings, { service: 'test', logger: silent });
  const link = createKafkaLink({ client, timeoutMs: 10_000, topic: names[0] });
  const view = createClusterView({ link, topics: names, timeoutMs: 10_000 });

  async function leaderOf(topic: string, partition: number): Promise<string> {
    await view.refresh();
    return view.leaderOf(topic, partition) ?? '';
  }

  async function readPartition(topic: string, partition: number): Promise<FetchedMessage[]> {
    const { responses } = await link.ask(await leaderOf(topic, partition), (broker) =>
      broker.fetch({
        ...{ maxWaitTime: 0, minBytes: 1, maxBytes: 50_000_000, isolationLevel: readUncommitted },
        topics: [{ topic, partitions: [{ partition, fetchOffset: '0', maxBytes: 50_000_000 }] }],
      }),
    );
    return responses.flatMap((response) => response.partitions.flatMap(({ messages }) => messages));
  }

  return {
    ...{ namePrefix, settings, link },
    topics: topics.map((one, index) => ({
      ...one,
      ...topicSettings(testGroups)[index],
      topic: one.topic,
    })),
    open: (
      overrides: { metrics?: Registry; settings?: Partial<KafkaSettings> } = {},
    ): Promise<EventLog> =>
      openKafkaEventLog({
        settings: { ...settings, ...overrides.settings },
        ...{ service: 'test', clock: systemClock, logger, groups: testGroups, namePrefix },
        metrics: overrides.metrics ?? new Registry(),
      }),
    /** Puts a message into a topic as it is. */
    async put(name: string, message: Omit<OutgoingMessage, 'partition'>, partition: number) {
      const topic = `${namePrefix}${name}`;
      const topicData = [{ topic, partitions: [{ partition, messages: [message] }] }];
      const request = { topicData, acks: -1, timeout: 5000 };
      await link.ask(await leaderOf(topic, partition), (broker) => broker.produce(request));
    },
    /** As retention does. */
    async deleteBefore(name: string, partition: number, offset: bigint) {
      const topic = `${namePrefix}${name}`;
      const request = {
        topics: [{ topic, partitions: [{ partition, offset: String(offset) }] }],
        timeout: 5000,
      };
      await link.ask(await leaderOf(topic, partition), (broker) => broker.deleteRecords(request));
    },
    /** Everything in a topic, as it is. */
    async read(name: string): Promise<FetchedMessage[]> {
      const places = partitionsOf([`${namePrefix}${name}`]);
      const found = await Promise.all(places.map((place) => readPartition(...place)));
      return found.flat();
    },
    /** Brokers that serve many tests keep none of their topics. */
    async remove() {
      await link.askAny((broker) => broker.deleteTopics({ topics: names, timeout: 10_000 }));
      await link.close();
    },
  };
}

export type KafkaTestBed = Awaited<ReturnType<typeof createKafkaTestBed>>;
