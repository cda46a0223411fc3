import { serialize } from 'bson';
import type { mongo as driver } from 'mongoose';
import type { Kept } from '../system/product.ts';
import { readRecords } from './kafka-records.ts';

/** Every document of every collection of a database, as it is stored. */
export async function readDatabase(url: string): Promise<Kept[]> {
  return withDatabase(url, async (database) => {
    const kept: Kept[] = [];
    for (const { collectionName } of await database.collections()) {
      const documents = await database.collection(collectionName).find().toArray();
      const bytes = Buffer.concat(documents.map((document) => serialize(document)));
      kept.push({ name: `${database.databaseName}.${collectionName}`, bytes });
    }
    return kept;
  });
}

export async function dropDatabase(url: string): Promise<void> {
  await withDatabase(url, (database) => database.dropDatabase());
}

async function withDatabase<T>(url: string, use: (database: driver.Db) => Promise<T>): Promise<T> {
  const { mongo } = await import('mongoose');
  const client = new mongo.MongoClient(url);
  try {
    return await use(client.db());
  } finally {
    await client.close();
  }
}

/** Every record of every topic: key, value and headers. */
export async function readTopics(brokers: string[]): Promise<Kept[]> {
  const byTopic = Map.groupBy(await readRecords(brokers), ({ topic }) => topic);
  return [...byTopic].map(([topic, records]) => {
    const parts = records.flatMap(({ message: { key, value, headers = {} } }) => [
      ...[key, value],
      ...Object.entries(headers).flat(2),
    ]);
    const bytes = parts.flatMap((part) => (part ? [Buffer.from(part as Buffer)] : []));
    return { name: `events ${topic}`, bytes: Buffer.concat(bytes) };
  });
}
