import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type MongoServer, startMongo } from './mongo-server.ts';
import { canStart } from './own-servers.ts';

describe.skipIf(!canStart.mongodb)('a MongoDB of our own', () => {
  let server: MongoServer;
  let client: mongoose.mongo.MongoClient;

  beforeAll(async () => {
    server = await startMongo({ own: true });
    client = new mongoose.mongo.MongoClient(server.url, { serverSelectionTimeoutMS: 1_000 });
  });
  afterAll(async () => {
    await client?.close();
    await server?.stop();
  });

  const numbers = () =>
    client
      .db('own')
      .collection<{ _id: number }>('numbers', { writeConcern: { w: 'majority', journal: true } });
  const insert = (_id: number) => numbers().insertOne({ _id });

  test('what was acknowledged before a SIGKILL under load is there after it, on the same port', async () => {
    const acknowledged: number[] = [];
    let next = 0;
    let isKilled = false;
    const writers = Array.from({ length: 8 }, async () => {
      while (!isKilled) {
        const id = next++;
        await insert(id).then(
          () => acknowledged.push(id),
          () => undefined,
        );
      }
    });
    await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(200), { timeout: 20_000 });
    await server.kill();
    isKilled = true;
    await Promise.all(writers);
    await expect(insert(-1)).rejects.toThrow();

    await server.start();
    await server.start();
    const found = await numbers().find().toArray();
    const ids = new Set(found.map(({ _id }) => _id));
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
    await expect(insert(acknowledged[0] ?? 0)).rejects.toMatchObject({ code: 11000 });
  });

  test('while paused it answers nothing and refuses nobody; resumed, it goes on', async () => {
    const hasty = new mongoose.mongo.MongoClient(server.url, {
      socketTimeoutMS: 500,
      retryReads: false,
    });
    const read = () => hasty.db('own').collection('numbers').findOne();
    await read();
    await insert(1_000_001);
    await server.pause();
    await server.pause();
    const late = insert(1_000_002);
    await expect(read()).rejects.toThrow(mongoose.mongo.MongoNetworkTimeoutError);
    await server.resume();
    await late;
    expect(await numbers().countDocuments({ _id: { $gt: 1_000_000 } })).toBe(2);
    await hasty.close();
  });

  test('a paused one can be killed and started', async () => {
    await server.pause();
    await server.kill();
    await server.start();
    await insert(2_000_001);
  });
});
