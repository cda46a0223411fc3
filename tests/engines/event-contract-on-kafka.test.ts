import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type EventLog, openEventLog, readEventLogSettings } from '@credential-renewal/events';
import { topics } from '@credential-renewal/proto/event-topics';
import { createLogger, readSettings, systemClock } from '@credential-renewal/runtime';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { top } from '../check/source-files.ts';
import { eventConsumerContract } from '../contract/event-consumer.contract.ts';
import { type ExampleRecord, exampleEvent, readExample } from '../contract/example-event.ts';
import { validateEvents } from '../contract/validate-events.ts';
import { type KafkaServer, startKafka } from '../servers/kafka-server.ts';
import { spawnNode } from '../system/spawned-process.ts';
import { until } from '../system/until.ts';

const canRun = process.env['TEST_KAFKA_BROKERS'] !== undefined;
const logger = createLogger({ service: 'test', level: 'silent' });
let server: KafkaServer;
let kafka: Kafka;

// Its own, with the topics that the operator's command makes: no name has a prefix, and nobody else publishes.
beforeAll(async () => {
  if (!canRun) return;
  server = await startKafka({ nodes: 1 });
  kafka = new Kafka({ brokers: server.brokers, logLevel: logLevel.ERROR });
  const command = spawnNode(
    ['packages/events/src/create-topics.main.ts', '--replication-factor', '1'],
    { PATH: process.env['PATH'], EVENT_LOG_URL: `kafka:${server.brokers.join(',')}` },
  );
  expect(await command.ended, command.output()).toBe(0);
});
afterAll(() => server?.stop());

function openLog(): Promise<EventLog> {
  const env = { EVENT_LOG_URL: `kafka:${server.brokers.join(',')}` };
  return openEventLog(readSettings(env, readEventLogSettings), {
    service: 'test',
    clock: systemClock,
    logger,
    metrics: new Registry(),
  });
}

describe.skipIf(!canRun)('the event contract on Kafka', () => {
  test('what a client of Kafka reads is what the examples of the contract show', async () => {
    const names = readdirSync(join(top, 'proto/events/examples')).map((file) => file.slice(0, -5));
    const log = await openLog();
    await log.publish(names.map(exampleEvent));
    expect(await validateEvents(log)).toBe(names.length);
    await log.close();
    const records = await readRecords(names.length);
    for (const name of names) {
      expect(records.get(exampleEvent(name).id)).toEqual(readExample(name));
    }
  });

  test('the topics that the command makes are those of the contract', async () => {
    const admin = kafka.admin();
    await admin.connect();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: topics.map(({ name }) => ({ type: ConfigResourceTypes.TOPIC, name })),
    });
    const found = await admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) });
    await admin.disconnect();
    for (const { name, partitions, cleanup } of topics) {
      const entries = resources.find(({ resourceName }) => resourceName === name)?.configEntries;
      const config = Object.fromEntries(
        (entries ?? []).map(({ configName, configValue }) => [configName, configValue]),
      );
      expect(config).toMatchObject(
        cleanup.policy === 'compact'
          ? {
              'cleanup.policy': 'compact',
              'min.compaction.lag.ms': String(cleanup.compactionLagMs),
              'delete.retention.ms': String(cleanup.tombstoneRetentionMs),
            }
          : { 'cleanup.policy': 'delete', 'retention.ms': String(cleanup.retentionMs) },
      );
      expect(found.topics.find((topic) => topic.name === name)?.partitions).toHaveLength(
        partitions,
      );
    }
  });

  eventConsumerContract('the event log in Kafka', async () => {
    const log = await openLog();
    return { log, dispose: () => log.close() };
  });
});

/** As raw as a client gets them, by `ce_id`. */
async function readRecords(count: number): Promise<Map<string, ExampleRecord>> {
  const records = new Map<string, ExampleRecord>();
  const consumer = kafka.consumer({ groupId: 'somebody' });
  await consumer.connect();
  await consumer.subscribe({ topics: topics.map(({ name }) => name), fromBeginning: true });
  await consumer.run({
    async eachMessage({ topic, message: { key, headers: raw, value } }) {
      const headers = Object.fromEntries(
        Object.entries(raw ?? {}).map(([name, bytes]) => [name, String(bytes)]),
      );
      const data = value === null ? null : JSON.parse(String(value));
      records.set(headers['ce_id'] ?? '', { topic, key: String(key), headers, data });
    },
  });
  await until(() => expect(records.size).toBe(count), 45_000);
  await consumer.disconnect();
  return records;
}
