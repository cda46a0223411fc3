import { TopicsUnfitError } from '../errors.ts';
import { errorTypeOf } from './kafka-errors.ts';
import type { KafkaLink } from './kafka-link.ts';
import { topicConfigSource, topicResource } from './protocol.ts';
import {
  differencesOf,
  type FoundTopic,
  type TopicDifference,
  type TopicSettings,
} from './topic-settings.ts';

/** A topic as it is, and which of its settings were set on itself. */
export type DescribedTopic = FoundTopic & { ownConfig: Record<string, string> };

/** Throws TopicsUnfitError unless all topics are as they must be. */
export async function checkTopics(link: KafkaLink, expected: readonly TopicSettings[]) {
  const differences = await findDifferences(link, expected);
  if (differences.length > 0) throw new TopicsUnfitError(differences);
}

export async function findDifferences(
  link: KafkaLink,
  expected: readonly TopicSettings[],
): Promise<TopicDifference[]> {
  const names = expected.map(({ topic }) => topic);
  const found = await describeTopics(link, names);
  return expected.flatMap((settings) => differencesOf(settings, found.get(settings.topic)));
}

/** Absent: there is no such topic. */
export async function describeTopics(
  link: KafkaLink,
  names: readonly string[],
): Promise<Map<string, DescribedTopic>> {
  const described = new Map<string, DescribedTopic>();
  // One at a time: kafkajs does not say which topic an error is about.
  for (const topic of names) {
    const partitions = await partitionsOf(link, topic);
    if (!partitions) continue;
    const { resources } = await link.askAny((broker) =>
      broker.describeConfigs({ resources: [{ type: topicResource, name: topic }] }),
    );
    const entries = resources.flatMap(({ configEntries }) => configEntries);
    const toRecord = (some: typeof entries) =>
      Object.fromEntries(some.map(({ configName, configValue }) => [configName, configValue]));
    described.set(topic, {
      partitions: partitions.length,
      replicationFactor: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      config: toRecord(entries),
      ownConfig: toRecord(entries.filter((entry) => entry.configSource === topicConfigSource)),
    });
  }
  return described;
}

async function partitionsOf(link: KafkaLink, topic: string) {
  try {
    const { topicMetadata } = await link.askAny((broker) => broker.metadata([topic]));
    return topicMetadata.find((one) => one.topic === topic)?.partitionMetadata;
  } catch (error) {
    if (errorTypeOf(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return undefined;
    throw error;
  }
}
