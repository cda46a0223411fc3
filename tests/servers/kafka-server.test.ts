import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type KafkaServer, startKafka } from './kafka-server.ts';
import { canStart } from './own-servers.ts';

const clientOf = ({ brokers }: KafkaServer) =>
  new Kafka({
    brokers,
    logLevel: logLevel.NOTHING,
    requestTimeout: 2_000,
    retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 3 },
  });

async function createTopic(kafka: Kafka, topic: string, numPartitions = 1): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: false });
  // Not every broker knows of it at once, and kafkajs' own wait gives up when it has asked such a one.
  await vi.waitFor(() => admin.fetchTopicMetadata({ topics: [topic] }), { timeout: 20_000 });
  await admin.disconnect();
}

async function send(kafka: Kafka, topic: string, value: string): Promise<void> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  try {
    await producer.connect();
    await producer.send({ topic, acks: -1, messages: [{ value }] });
  } finally {
    await producer.disconnect();
  }
}

/** What the topic holds, up to the message with this value. */
async function read(kafka: Kafka, topic: string, last: string): Promise<string[]> {
  const consumer = kafka.consumer({ groupId: randomUUID(), maxWaitTimeInMs: 100 });
  const values: string[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((done, failed) => {
    consumer
      .run({
        eachMessage: async ({ message }) => {
          values.push(String(message.value));
          if (values.at(-1) === last) done();
        },
      })
      .catch(failed);
  });
  await consumer.disconnect();
  return values;
}

describe.skipIf(!canStart.kafka)('a Kafka of our own, behind a proxy', () => {
  let server: KafkaServer;
  let kafka: Kafka;

  beforeAll(async () => {
    server = await startKafka({ behindProxies: true, settings: { 'num.partitions': '2' } });
    kafka = clientOf(server);
  });
  afterAll(() => server?.stop());

  test('what was acknowledged is there after a SIGKILL, on the same port', async () => {
    await createTopic(kafka, 'killed');
    await send(kafka, 'killed', 'before');
    await server.kill();
    await expect(send(kafka, 'killed', 'meanwhile')).rejects.toThrow();
    await server.start();
    await server.start();
    await send(kafka, 'killed', 'after');
    expect(await read(kafka, 'killed', 'after')).toEqual(['before', 'after']);
  });

  test('while paused it answers nothing; resumed, it goes on', async () => {
    await createTopic(kafka, 'paused');
    await server.pause();
    await expect(send(kafka, 'paused', 'meanwhile')).rejects.toThrow();
    await server.resume();
    await send(kafka, 'paused', 'after');
    expect(await read(kafka, 'paused', 'after')).toContain('after');
  });

  test('the proxy is the only way, so a cut makes every broker unreachable while none is down', async () => {
    await createTopic(kafka, 'cut');
    const [proxy] = server.proxies;
    expect(server.brokers).toEqual([`127.0.0.1:${proxy?.port}`]);
    await proxy?.cut();
    await expect(send(kafka, 'cut', 'meanwhile')).rejects.toThrow(
      /ECONNREFUSED|Connection error|not connected/,
    );
    await proxy?.resume();
    await send(kafka, 'cut', 'after');
    expect(await read(kafka, 'cut', 'after')).toEqual(['after']);
  });

  test('topics are not made by accident, and settings over ours hold', async () => {
    await expect(send(kafka, 'never-made', 'x')).rejects.toThrow(/does not host this topic/);
    await createTopic(kafka, 'with-defaults', -1);
    const admin = kafka.admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: ['with-defaults'] });
    expect(topics[0]?.partitions).toHaveLength(2);
    expect(await admin.listTopics()).not.toContain('never-made');
    await admin.disconnect();
  });
});

describe.skipIf(!canStart.kafka)('a cluster of three', () => {
  let server: KafkaServer;
  let kafka: Kafka;

  beforeAll(async () => {
    server = await startKafka({ nodes: 3 });
    kafka = clientOf(server);
  });
  afterAll(() => server?.stop());

  test('goes on without one node, which comes back alone', async () => {
    await createTopic(kafka, 'three', 3);
    const admin = kafka.admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: ['three'] });
    await admin.disconnect();
    const partitions = topics.flatMap((topic) => topic.partitions);
    expect(partitions.map(({ replicas }) => replicas.length)).toEqual([3, 3, 3]);
    await server.kill(2);
    // Until the others have chosen leaders in its place, which takes longer on a busy machine than kafkajs tries.
    await vi.waitFor(() => send(clientOf(server), 'three', 'without'), { timeout: 30_000 });
    await server.start(2);
    const second = new Kafka({ brokers: server.brokers.slice(1, 2), logLevel: logLevel.NOTHING });
    expect(await read(second, 'three', 'without')).toEqual(['without']);
  });
});
