import { Kafka, logLevel } from 'kafkajs';
import mongoose from 'mongoose';
import { expect, test } from 'vitest';
import { chooseLanes } from './lanes.ts';
import { runFacts } from './run-facts.ts';

const { kafka, mongodb } = chooseLanes(await runFacts());
const { TEST_KAFKA_BROKERS = '', TEST_MONGODB_URL = '', TEST_MONGODB_IS_REAL } = process.env;

test.skipIf(kafka.length === 0)('test files are told of a Kafka, and it answers', async () => {
  const brokers = TEST_KAFKA_BROKERS.split(',');
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  expect((await admin.describeCluster()).brokers.length).toBeGreaterThan(0);
  await admin.disconnect();
});

test.skipIf(mongodb.length === 0)(
  'test files are told of a MongoDB, and whether it is one',
  async () => {
    const client = new mongoose.mongo.MongoClient(TEST_MONGODB_URL);
    expect(await client.db('shared').command({ ping: 1 })).toMatchObject({ ok: 1 });
    const { storageEngines = [] } = await client.db('admin').command({ buildInfo: 1 });
    expect(String(storageEngines.includes('wiredTiger'))).toBe(TEST_MONGODB_IS_REAL);
    await client.close();
  },
);
