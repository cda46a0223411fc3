import { expect, test } from 'vitest';
import { topics } from '../cloud-event.ts';
import {
  differencesOf,
  type FoundTopic,
  minInsyncReplicas,
  type TopicSettings,
  topicSettings,
} from './topic-settings.ts';

const dayMs = 24 * 60 * 60 * 1000;
const byName = new Map(topicSettings().map((one) => [one.topic, one]));
const settingsOf = (topic: string) => byName.get(topic) as TopicSettings;

/** A topic that is as it must be, of so many replicas. */
const found = ({ partitions, config }: TopicSettings, replicationFactor = 3): FoundTopic => ({
  ...{ partitions, replicationFactor },
  config: {
    ...config,
    'min.insync.replicas': String(minInsyncReplicas(replicationFactor)),
    'segment.ms': '604800000',
  },
});

test('every topic and the dead letters of every group of the product are there, with 8 partitions', () => {
  expect([...byName.keys()]).toEqual([
    ...topics,
    'source-registry.dlq',
    'source-registry.replay',
    'notification.dlq',
    'notification.replay',
  ]);
  expect(new Set([...byName.values()].map(({ partitions }) => partitions))).toEqual(new Set([8]));
});

test('states are compacted after a week, other events age out after a month, dead letters never', () => {
  expect(settingsOf('credential.state').config).toMatchObject({
    'cleanup.policy': 'compact',
    'min.compaction.lag.ms': String(7 * dayMs),
    'delete.retention.ms': String(7 * dayMs),
  });
  for (const topic of ['credential.expired', 'notification.replay'])
    expect(settingsOf(topic).config).toMatchObject({
      'cleanup.policy': 'delete',
      'retention.ms': String(30 * dayMs),
    });
  expect(settingsOf('notification.dlq').config).toMatchObject({
    'cleanup.policy': 'delete',
    'retention.ms': '-1',
    'retention.bytes': '-1',
  });
});

test('a topic as it must be has no difference, whatever else is set on it', () => {
  for (const settings of byName.values()) {
    for (const replicationFactor of [1, 3, 5])
      expect(differencesOf(settings, found(settings, replicationFactor))).toEqual([]);
  }
});

test('each setting that differs is named, with what was found and what is expected', () => {
  const settings = settingsOf('credential.state');
  const { config } = found(settings);
  const wrong = {
    ...{ partitions: 3, replicationFactor: 3 },
    config: { ...config, 'cleanup.policy': 'delete', 'min.insync.replicas': '1' },
  };
  const topic = 'credential.state';
  expect(differencesOf(settings, wrong)).toEqual([
    { topic, setting: 'partitions', found: '3', expected: '8' },
    { topic, setting: 'cleanup.policy', found: 'delete', expected: 'compact' },
    { topic, setting: 'min.insync.replicas', found: '1', expected: '2' },
  ]);
});

test('who keeps events for longer, or asks more replicas for them, is told of no difference; who does less is', () => {
  const settingsThatGrow = [
    ['credential.expired', 'retention.ms', 90 * dayMs, 29 * dayMs],
    ['credential.expired', 'retention.ms', -1, 0],
    ['credential.state', 'min.compaction.lag.ms', 8 * dayMs, 6 * dayMs],
    ['credential.state', 'delete.retention.ms', 8 * dayMs, 6 * dayMs],
    ['notification.dlq', 'max.message.bytes', 3 * 1024 * 1024, 1024],
    ['credential.state', 'min.insync.replicas', 3, 1],
  ] as const;
  for (const [topic, setting, more, less] of settingsThatGrow) {
    const settings = settingsOf(topic);
    const having = (amount: number): FoundTopic => {
      const { config, ...others } = found(settings);
      return { ...others, config: { ...config, [setting]: String(amount) } };
    };
    expect(differencesOf(settings, having(more)), `${topic} ${setting}`).toEqual([]);
    expect(differencesOf(settings, having(less))).toMatchObject([{ setting, found: String(less) }]);
  }
  const endless = settingsOf('notification.dlq');
  const ending = { ...found(endless).config, 'retention.ms': String(9_999 * dayMs) };
  expect(differencesOf(endless, { ...found(endless), config: ending })).toHaveLength(1);
});

test('a topic that does not exist is one difference', () => {
  expect(differencesOf(settingsOf('credential.renewed'), undefined)).toEqual([
    { topic: 'credential.renewed', setting: 'topic', found: 'missing', expected: 'created' },
  ]);
});

test('of three replicas two must have an event', () => {
  expect([1, 2, 3, 5].map(minInsyncReplicas)).toEqual([1, 1, 2, 2]);
});
