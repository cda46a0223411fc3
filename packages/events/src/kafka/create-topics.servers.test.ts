import { createLogger } from '@credential-renewal/runtime';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createTopics } from './create-topics.ts';
import { createKafkaTestBed, testSettings } from './kafka-test-bed.ts';
import { topicResource } from './protocol.ts';
import { describeTopics } from './topic-check.ts';
import { topicSettings } from './topic-settings.ts';

const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';
const logger = createLogger({ service: 'test', level: 'silent' });

async function makeTopics() {
  const made = await createKafkaTestBed(brokers);
  onTestFinished(made.remove);
  const run = (alter: boolean) =>
    createTopics({ ...made, topics: made.topics, replicationFactor: 1, alter, logger });
  const topic = (name: string) => `${made.namePrefix}${name}`;
  const setConfig = (name: string, config: Record<string, string>) =>
    made.link.askAny((broker) =>
      broker.alterConfigs({
        resources: [
          {
            type: topicResource,
            name: topic(name),
            configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
          },
        ],
      }),
    );
  return { ...made, run, topic, setConfig };
}

test('topics are created with the settings they must have, and a second run changes nothing', async () => {
  const { link, run, topic } = await makeTopics();
  const names = ['credential.state', 'credential.expired', 'readers.dlq', 'readers.replay'];
  const found = await describeTopics(link, names.map(topic));
  expect(found.get(topic('credential.state'))).toMatchObject({
    partitions: 8,
    replicationFactor: 1,
    config: {
      'cleanup.policy': 'compact',
      'min.compaction.lag.ms': '604800000',
      'delete.retention.ms': '604800000',
      'min.insync.replicas': '1',
      'message.timestamp.type': 'LogAppendTime',
    },
  });
  expect(found.get(topic('credential.expired'))?.config).toMatchObject({
    'cleanup.policy': 'delete',
    'retention.ms': '2592000000',
  });
  expect(found.get(topic('readers.dlq'))?.config).toMatchObject({
    'cleanup.policy': 'delete',
    'retention.ms': '-1',
    'retention.bytes': '-1',
  });
  expect(found.get(topic('readers.replay'))?.config).toMatchObject({
    'retention.ms': '2592000000',
  });
  expect(await run(false)).toEqual({ created: [], altered: [], differing: [] });
});

test('what differs is told and left alone, unless it is to be altered', async () => {
  const { link, run, topic, setConfig } = await makeTopics();
  const name = topic('credential.expired');
  const [own] = (await describeTopics(link, [name])).values();
  await setConfig('credential.expired', {
    ...own?.ownConfig,
    'retention.ms': '1000',
    'segment.ms': '600000',
  });
  const difference = {
    topic: name,
    setting: 'retention.ms',
    found: '1000',
    expected: '2592000000',
  };
  // The broker tells of a change a moment after it has taken it.
  await vi.waitFor(
    async () =>
      expect(await run(false)).toEqual({ created: [], altered: [], differing: [difference] }),
    { timeout: 10_000 },
  );
  expect(await run(true)).toEqual({ created: [], altered: [difference], differing: [] });
  const [altered] = (await describeTopics(link, [name])).values();
  // What an operator has set beside ours stays.
  expect(altered?.config).toMatchObject({ 'retention.ms': '2592000000', 'segment.ms': '600000' });
});

test('another number of partitions is told and never changed', async () => {
  const { settings, topics, remove } = await createKafkaTestBed(brokers, { partitions: 3 });
  onTestFinished(remove);
  const outcome = await createTopics({
    settings,
    topics,
    replicationFactor: 1,
    alter: true,
    logger,
  });
  expect(outcome.altered).toEqual([]);
  expect(outcome.differing[0]).toMatchObject({ setting: 'partitions', found: '3', expected: '8' });
});

test('more replicas than brokers are refused with the option that says so', async () => {
  const settings = testSettings(brokers);
  const topics = topicSettings(['readers']).map((one) => ({ ...one, topic: `many.${one.topic}` }));
  const run = createTopics({ settings, topics, replicationFactor: 9, alter: false, logger });
  await expect(run).rejects.toMatchObject({
    code: 'TOO_FEW_BROKERS',
    message: expect.stringContaining('--replication-factor'),
  });
});

test('a log with topics of other settings does not open, and says which and what to do', async () => {
  const { open, setConfig, topic } = await makeTopics();
  await setConfig('credential.state', { 'cleanup.policy': 'delete' });
  await expect(open()).rejects.toMatchObject({
    code: 'TOPICS_UNFIT',
    message: expect.stringMatching(
      new RegExp(
        `${topic('credential.state')}: cleanup.policy is delete, expected is compact[^]*create-topics.main.ts`,
      ),
    ),
  });
});

test('a log without its topics does not open, and says which', async () => {
  const { open, link, namePrefix } = await createKafkaTestBed(brokers, { areCreated: false });
  await link.close();
  await expect(open()).rejects.toThrow(`${namePrefix}credential.renewed: topic is missing`);
});
