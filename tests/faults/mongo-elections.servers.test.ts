import { createLogger } from '@credential-renewal/runtime';
import { connectMongo } from '@credential-renewal/storage/mongo';
import type { Document } from 'bson';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startFakeMongo } from '../servers/fake-mongo.ts';
import { commandOf } from '../servers/mongo-message.ts';
import { createMongoProxy, type MongoProxy } from '../servers/mongo-proxy.ts';
import { type MongoServer, startMongo } from '../servers/mongo-server.ts';
import { canStart } from '../servers/own-servers.ts';
import { until } from '../system/until.ts';
import { openCarriers, settingsFor } from './mongo-carriers.ts';

describe.skipIf(!canStart.mongodb)('a MongoDB primary that steps down', () => {
  let server: MongoServer;
  let proxy: MongoProxy;
  beforeAll(async () => {
    server = await startMongo({ own: true });
    proxy = await createMongoProxy(server.url);
  });
  afterEach(() => proxy.reset());
  afterAll(async () => {
    await proxy?.stop();
    await server?.stop();
  });

  const start = () => openCarriers([proxy.url, server.url]);

  test('what writes say during an election is heard by nobody: each change is made once, with its event', async () => {
    const { faulty, expectChanges } = await start();
    await faulty.add('a');
    for (let changes = 1; changes <= 3; changes++) {
      proxy.answerNotPrimary({ times: changes });
      await faulty.change('a');
      await expectChanges('a', changes);
    }
    proxy.answerNotPrimary({ times: 2 });
    expect(await faulty.add('b')).toBe(true);
    await expectChanges('b', 0);
  });

  test('an election without an end is an error in bounded time, and what was refused has not happened', async () => {
    const { faulty, expectChanges } = await start();
    await faulty.add('a');
    const before = proxy.counters().faults;
    proxy.answerNotPrimary({ times: Number.POSITIVE_INFINITY });
    const startedMs = performance.now();
    await expect(faulty.change('a')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    // More than it is repeated for, and what the last time may wait for a server.
    expect(performance.now() - startedMs).toBeLessThan(7_500);
    const asked = proxy.counters().faults - before;
    expect(asked).toBeGreaterThan(2);
    expect(asked).toBeLessThan(20);
    await proxy.reset();
    await faulty.change('a');
    await expectChanges('a', 1);
  });
});

test('a set without a primary is a problem with the moment since when, until one is elected', async () => {
  let primary = true;
  const set = await startFakeMongo((request): Document => {
    if (!['hello', 'ismaster'].includes(commandOf(request))) return { ok: 1 };
    const host = set.url.replace('mongodb://', '');
    return {
      ...{ ok: 1, setName: 'set', setVersion: 1, hosts: [host], me: host },
      ...{ ismaster: primary, isWritablePrimary: primary, secondary: !primary },
      ...(primary ? { primary: host } : {}),
      ...{ minWireVersion: 0, maxWireVersion: 21, maxBsonObjectSize: 16_777_216 },
      ...{ maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000 },
    };
  });
  onTestFinished(() => set.stop());
  const lines: { msg: string }[] = [];
  const database = await connectMongo(settingsFor(`${set.url}/?replicaSet=set`, 'vault'), {
    ...{ service: 'test', clock: { nowMs: () => Date.UTC(2026, 4, 3) } },
    logger: createLogger({
      ...{ service: 'test', level: 'info' },
      destination: { write: (line) => void lines.push(JSON.parse(line)) },
    }),
  });
  onTestFinished(() => database.close());
  expect(database.problem()).toBeUndefined();
  primary = false;
  await until(() =>
    expect(database.problem()).toBe(
      'no server can be written to since 2026-05-03T00:00:00.000Z: there is no primary',
    ),
  );
  primary = true;
  await until(() => expect(database.problem()).toBeUndefined());
  expect(lines.map(({ msg }) => msg)).toEqual([
    'no database server can be written to',
    'the database can be written to again',
  ]);
});
