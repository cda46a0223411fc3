import type { Logger } from '@credential-renewal/runtime';
import { TooFewBrokersError } from '../errors.ts';
import { pause } from '../pause.ts';
import { createClusterView } from './cluster-view.ts';
import { createKafkaClient, type KafkaClient } from './kafka-client.ts';
import { errorTypeOf, toEventLogError } from './kafka-errors.ts';
import { createKafkaLink, type KafkaLink } from './kafka-link.ts';
import type { KafkaSettings } from './kafka-settings.ts';
import { findOffsets } from './partition-offsets.ts';
import { topicResource } from './protocol.ts';
import { type DescribedTopic, describeTopics } from './topic-check.ts';
import {
  differencesOf,
  minInsyncReplicas,
  type TopicDifference,
  type TopicSettings,
} from './topic-settings.ts';

export type TopicsOutcome = {
  created: string[];
  altered: TopicDifference[];
  /** What is still not as it must be. */
  differing: TopicDifference[];
};

const creationTimeoutMs = 30_000;
const alterationTimeoutMs = 5_000;
const lookAgainMs = 100;

/**
 * Creates the topics that are missing, and says what differs of the others. With `alter` their settings are changed; the number of partitions
 * never is, since it would send the events of a key elsewhere. May be repeated.
 */
export async function createTopics(options: {
  settings: KafkaSettings;
  topics: readonly TopicSettings[];
  replicationFactor: number;
  alter: boolean;
  logger: Logger;
}): Promise<TopicsOutcome> {
  const { settings, topics, replicationFactor, alter, logger } = options;
  const client = createKafkaClient(settings, { service: 'create-topics', logger });
  const { requestTimeoutMs: timeoutMs } = settings;
  const link = createKafkaLink({ client, timeoutMs, topic: undefined });
  try {
    const names = topics.map(({ topic }) => topic);
    const before = await describeTopics(link, names);
    const missing = topics.filter(({ topic }) => !before.has(topic));
    if (missing.length > 0) {
      await create(link, missing, replicationFactor);
      await untilUsable(settings, client, missing);
    }
    const altered = alter ? await alterTopics(link, topics, before) : [];
    const differing = await findDifferences(link, topics, altered);
    return { created: missing.map(({ topic }) => topic), altered, differing };
  } catch (error) {
    throw toEventLogError(error);
  } finally {
    await link.close();
  }
}

/** A broker tells of a setting that was altered a moment later; what it still denies by then is a difference. */
async function findDifferences(
  link: KafkaLink,
  topics: readonly TopicSettings[],
  altered: readonly TopicDifference[],
): Promise<TopicDifference[]> {
  const late = AbortSignal.timeout(alterationTimeoutMs);
  for (;;) {
    const found = await describeTopics(
      link,
      topics.map(({ topic }) => topic),
    );
    const differing = topics.flatMap((topic) => differencesOf(topic, found.get(topic.topic)));
    const isOld = ({ topic, setting }: TopicDifference) =>
      altered.some((one) => one.topic === topic && one.setting === setting);
    if (late.aborted || !differing.some(isOld)) return differing;
    await pause(lookAgainMs, late);
  }
}

async function create(
  link: KafkaLink,
  topics: readonly TopicSettings[],
  replicationFactor: number,
) {
  const min = { 'min.insync.replicas': String(minInsyncReplicas(replicationFactor)) };
  const request = {
    topics: topics.map(({ topic, partitions, config }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor,
      configEntries: toEntries({ ...config, ...min }),
    })),
    timeout: creationTimeoutMs,
  };
  try {
    await link.askAny((broker) => broker.createTopics(request));
  } catch (error) {
    // Of several at once, or by somebody else in the meantime.
    const { errors = [error] } = error as { errors?: unknown[] };
    const failure = errors.find((one) => errorTypeOf(one) !== 'TOPIC_ALREADY_EXISTS');
    if (errorTypeOf(failure) === 'INVALID_REPLICATION_FACTOR') {
      throw new TooFewBrokersError(replicationFactor);
    }
    if (failure !== undefined) throw failure;
  }
}

async function alterTopics(
  link: KafkaLink,
  topics: readonly TopicSettings[],
  found: ReadonlyMap<string, DescribedTopic>,
): Promise<TopicDifference[]> {
  const altered: TopicDifference[] = [];
  for (const expected of topics) {
    const topic = found.get(expected.topic);
    if (!topic) continue;
    const differences = differencesOf(expected, topic).filter(
      (one) => one.setting !== 'partitions',
    );
    if (differences.length === 0) continue;
    const changes = differences.map(({ setting, expected: value }) => [setting, value]);
    // The request of kafkajs puts back to the default what it does not name, so everything that was set on the topic goes with it.
    const config = { ...topic.ownConfig, ...Object.fromEntries(changes) };
    const resource = {
      type: topicResource,
      name: expected.topic,
      configEntries: toEntries(config),
    };
    await link.askAny((broker) => broker.alterConfigs({ resources: [resource] }));
    altered.push(...differences);
  }
  return altered;
}

/** A broker tells of a new topic, and takes events for it, a moment after it was asked to create it. */
async function untilUsable(
  { requestTimeoutMs: timeoutMs }: KafkaSettings,
  client: KafkaClient,
  created: readonly TopicSettings[],
): Promise<void> {
  const topics = created.map(({ topic }) => topic);
  const link = createKafkaLink({ client, timeoutMs, topic: topics[0] });
  const view = createClusterView({ link, topics, timeoutMs });
  const places = created.flatMap(({ topic, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
  );
  const late = AbortSignal.timeout(creationTimeoutMs);
  try {
    for (;;) {
      try {
        await view.refresh();
        await findOffsets({ link, view }, places, 'next');
        return;
      } catch (error) {
        await pause(lookAgainMs, late);
        if (late.aborted) throw error;
      }
    }
  } finally {
    await link.close();
  }
}

function toEntries(config: Record<string, string>): { name: string; value: string }[] {
  return Object.entries(config).map(([name, value]) => ({ name, value }));
}
