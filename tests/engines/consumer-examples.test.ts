import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { uuidv7 } from '@credential-renewal/runtime';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { top } from '../check/source-files.ts';
import { readExample } from '../contract/example-event.ts';
import { until } from '../system/until.ts';
import { pythonWith } from './python-environment.ts';

const brokers = process.env['TEST_KAFKA_BROKERS']?.split(',') ?? [];
const examples = join(top, 'docs/examples');
const python =
  brokers.length > 0 ? await pythonWith(join(examples, 'requirements.txt')) : undefined;

/** A topic of this test alone, with one partition: so what is published last comes last. */
async function createTopic(kafka: Kafka): Promise<string> {
  const topic = `credential.expired.${uuidv7(Date.now())}`;
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
  onTestFinished(async () => {
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });
  return topic;
}

const newId = () => uuidv7(Date.now());
const example = readExample('CredentialExpired');

type Changes = { id?: string; headers?: Record<string, string>; data?: Record<string, unknown> };

/** A record as it stands on the wire, of one credential. */
function record(credentialId: string, { id = newId(), headers, data }: Changes = {}) {
  const value = { ...example.data, credentialId, ...data };
  return {
    key: credentialId,
    headers: {
      ...example.headers,
      ce_id: id,
      ce_subject: credentialId,
      ce_partitionkey: credentialId,
      ...headers,
    },
    value: JSON.stringify(value),
  };
}

/** What a consumer printed, line by line. */
function start(command: string, args: string[], env: Record<string, string>) {
  const child: ChildProcess = spawn(command, args, { env: { ...process.env, ...env } });
  onTestFinished(async () => {
    const ended = new Promise((resolve) => child.once('close', resolve));
    if (child.kill('SIGKILL')) await ended;
  });
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk));
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk));
  return { lines: () => output.split('\n').slice(0, -1), errors: () => errors };
}

describe.skipIf(brokers.length === 0)('the consumer examples', () => {
  test.for([
    { file: 'consumer.ts', command: process.execPath },
    { file: 'consumer.py', command: python },
  ])(
    '$file tells each expiry once, drops duplicates and what is older, and bears what it does not know',
    async ({ file, command }, { skip }) => {
      if (command === undefined) return skip('there is no Python 3.9 or newer');
      const kafka = new Kafka({ brokers, logLevel: logLevel.ERROR });
      const topic = await createTopic(kafka);
      const producer = kafka.producer({
        createPartitioner: Partitioners.DefaultPartitioner,
        allowAutoTopicCreation: false,
      });
      await producer.connect();
      onTestFinished(() => producer.disconnect());
      const publish = (...messages: ReturnType<typeof record>[]) =>
        producer.send({ topic, messages });

      const [first, ofTomorrow, last] = [newId(), newId(), newId()];
      const id = newId();
      await publish(record(first, { id }), record(first, { id }));
      const consumer = start(command, [join(examples, file)], {
        KAFKA_BROKERS: brokers.join(','),
        TOPIC: topic,
        GROUP_ID: topic,
      });
      const line = (credentialId: string, helper: string) =>
        `${credentialId} expired (access_withdrawn): ${helper} can help`;
      await until(() => expect(consumer.lines(), consumer.errors()).not.toEqual([]), 45_000);

      await publish(
        record(first, { id }),
        record(first, { data: { version: '3' } }),
        record(ofTomorrow, {
          headers: { ce_region: 'eu' },
          data: {
            region: { name: 'eu' },
            reason: { code: 'access_withdrawn', text: 'x', resolver: 'RESOLVER_ROBOT', since: 1 },
          },
        }),
        record(last),
      );
      await until(() => expect(consumer.lines().at(-1)).toContain(last), 45_000);
      expect(consumer.lines()).toEqual([
        line(first, 'its creator'),
        line(ofTomorrow, 'somebody else'),
        line(last, 'its creator'),
      ]);
    },
  );
});
