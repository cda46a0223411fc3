import { serialize } from 'bson';
import { Kafka, logLevel } from 'kafkajs';
import type { Kept } from '../system/product.ts';

/** Every document of every collection of a database, as it is stored. */
export async function readDatabase(url: string): Promise<Kept[]> {
  const { mongo } = await import('mongoose');
  const client = new mongo.MongoClient(url);
  try {
    const database = client.db();
    const kept: Kept[] = [];
    for (const { collectionName } of await database.collections()) {
      const documents = await database.collection(collectionName).find().toArray();
      const bytes = Buffer.concat(documents.map((document) => serialize(document)));
      kept.push({ name: `${database.databaseName}.${collectionName}`, bytes });
    }
    return kept;
  } finally {
    await client.close();
  }
}

/** Every record of every topic: keys, headers and values. */
export async function readTopics(brokers: string[]): Promise<Kept[]> {
  const kafka = new Kafka({ clientId: 'reader', brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('__'));
  const waiting = new Set<string>();
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
      if (low !== high) waiting.add(`${topic} ${partition} ${BigInt(high) - 1n}`);
  }
  await admin.disconnect();

  const found = new Map(topics.map((topic): [string, Buffer[]] => [topic, []]));
  const consumer = kafka.consumer({ groupId: 'reader' });
  const { promise: caughtUp, resolve } = Promise.withResolvers<void>();
  if (waiting.size === 0) resolve();
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    async eachMessage({ topic, partition, message: { key, value, headers, offset } }) {
      const parts = [key, value, ...Object.entries(headers ?? {}).flat(2)];
      for (const part of parts) if (part) found.get(topic)?.push(Buffer.from(part as Buffer));
      waiting.delete(`${topic} ${partition} ${offset}`);
      if (waiting.size === 0) resolve();
    },
  });
  await caughtUp;
  await consumer.disconnect();
  return [...found].map(([topic, parts]) => ({
    name: `events ${topic}`,
    bytes: Buffer.concat(parts),
  }));
}
