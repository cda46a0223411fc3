import { compactedTopics, topics } from '../cloud-event.ts';
import { compactionLagMs, retentionMs } from '../event-retention.ts';
import {
  consumerGroups,
  deadLetterTopic,
  partitionCount,
  replayTopic,
} from '../topic-partition.ts';

/** A topic as it must be. */
export type TopicSettings = { topic: string; partitions: number; config: Record<string, string> };

/** A message and, as a dead letter, where it came from: more than the broker's own limit of 1 MiB for one. */
const setAsideBytes = 2 * 1024 * 1024;

const everywhere = {
  // The broker's clock, so that a service whose clock jumps neither ages what it publishes nor is refused (the limits of KIP-937).
  'message.timestamp.type': 'LogAppendTime',
  // Whatever another client compresses with is stored plain: kafkajs reads no snappy, lz4 or zstd, and would stop at such a batch.
  'compression.type': 'uncompressed',
  // A replica that is behind must not become leader: what it lacks has been acknowledged.
  'unclean.leader.election.enable': 'false',
};
const kept = { 'cleanup.policy': 'delete', 'retention.bytes': '-1' };

const compacted = {
  'cleanup.policy': 'compact',
  'min.compaction.lag.ms': String(compactionLagMs),
  // How long a newcomer that reads from the start may take and still see what ended.
  'delete.retention.ms': String(compactionLagMs),
};
/** The inbox of a consumer remembers a day longer. */
const aged = { ...kept, 'retention.ms': String(retentionMs) };
const setAside = { ...kept, 'max.message.bytes': String(setAsideBytes) };

/** Every topic of this product, with the dead letters of `groups`. `min.insync.replicas` depends on the replication factor. */
export function topicSettings(groups: readonly string[] = consumerGroups): TopicSettings[] {
  const settings = (topic: string, config: Record<string, string>) => ({
    topic,
    partitions: partitionCount,
    config: { ...config, ...everywhere },
  });
  return [
    ...topics.map((topic) => settings(topic, compactedTopics.has(topic) ? compacted : aged)),
    ...groups.flatMap((group) => [
      // Until an operator removes them.
      settings(deadLetterTopic(group), { ...setAside, 'retention.ms': '-1' }),
      settings(replayTopic(group), { ...setAside, ...aged }),
    ]),
  ];
}

/**
 * With three replicas, two must have an event before it is acknowledged: one broker may then be lost for good without losing
 * events, and one may be away without stopping them. A single replica is for development.
 */
export function minInsyncReplicas(replicationFactor: number): number {
  return replicationFactor >= 3 ? 2 : 1;
}

/** Of these more is no difference: an operator who keeps events for longer, or asks more replicas for them, takes nothing from anybody. */
const atLeast = new Set([
  'retention.ms',
  'min.compaction.lag.ms',
  'delete.retention.ms',
  'max.message.bytes',
  'min.insync.replicas',
]);

function isEnough(setting: string, found: string | undefined, wanted: string): boolean {
  if (found === wanted) return true;
  if (found === undefined || !atLeast.has(setting)) return false;
  // -1 is without end.
  const amountOf = (text: string) => (text === '-1' ? Number.POSITIVE_INFINITY : Number(text));
  return amountOf(found) >= amountOf(wanted);
}

/** A topic as a broker describes it. */
export type FoundTopic = {
  partitions: number;
  replicationFactor: number;
  config: Record<string, string>;
};

export type TopicDifference = { topic: string; setting: string; found: string; expected: string };

/** What is not as it must be; a topic that does not exist is one difference. */
export function differencesOf(
  expected: TopicSettings,
  found: FoundTopic | undefined,
): TopicDifference[] {
  const { topic, partitions } = expected;
  if (!found) return [{ topic, setting: 'topic', found: 'missing', expected: 'created' }];
  const differences: TopicDifference[] = [];
  const compare = (setting: string, actual: string | undefined, wanted: string) => {
    if (!isEnough(setting, actual, wanted))
      differences.push({ topic, setting, found: actual ?? 'unknown', expected: wanted });
  };
  compare('partitions', String(found.partitions), String(partitions));
  for (const [setting, wanted] of Object.entries(expected.config))
    compare(setting, found.config[setting], wanted);
  const replicas = minInsyncReplicas(found.replicationFactor);
  compare('min.insync.replicas', found.config['min.insync.replicas'], String(replicas));
  return differences;
}
