import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createMongoProxy, type MongoProxy } from '../servers/mongo-proxy.ts';
import { type MongoServer, startMongo } from '../servers/mongo-server.ts';
import { canStart } from '../servers/own-servers.ts';
import { until } from '../system/until.ts';
import { openCarriers } from './mongo-carriers.ts';

const writers = 8;
/** More than an operation is repeated for, and what the last time may wait for its answer. */
const boundMs = 10_000;

describe.skipIf(!canStart.mongodb)('a MongoDB that does not answer', { timeout: 120_000 }, () => {
  let server: MongoServer;
  let proxy: MongoProxy;
  beforeAll(async () => {
    server = await startMongo({ own: true });
    proxy = await createMongoProxy(server.url);
  });
  afterEach(async () => {
    await server.resume();
    await server.start();
    await proxy.reset();
  });
  afterAll(async () => {
    await proxy?.stop();
    await server?.stop();
  });

  type Carriers = Awaited<ReturnType<typeof openCarriers>>;

  /** Changes documents, one each, until it is told to stop; answers with what was acknowledged, and what ended without an answer. */
  function writeOn({ faulty }: Carriers) {
    let stopped = false;
    const ids = Array.from({ length: writers }, (_, index) => `writer-${index}`);
    const records = ids.map((id) => ({ id, acknowledged: 0, unknown: 0, longestMs: 0 }));
    const surprises: unknown[] = [];
    const adding = Promise.all(ids.map((id) => faulty.add(id)));
    const working = records.map(async (record) => {
      await adding;
      while (!stopped) {
        const startedMs = performance.now();
        try {
          await faulty.change(record.id);
          record.acknowledged++;
        } catch (error) {
          if ((error as { code?: unknown }).code !== 'DATABASE_UNAVAILABLE') surprises.push(error);
          record.unknown++;
        }
        record.longestMs = Math.max(record.longestMs, performance.now() - startedMs);
      }
    });
    const all = (least: number) =>
      until(() => {
        for (const { acknowledged } of records) expect(acknowledged).toBeGreaterThan(least);
      }, 30_000);
    return {
      records,
      /** Each has got further by so many. */
      progress: (by: number) =>
        all(Math.max(...records.map(({ acknowledged }) => acknowledged)) + by),
      async stop() {
        stopped = true;
        await Promise.all(working);
        expect(surprises).toEqual([]);
        return records;
      },
    };
  }

  /** Nothing acknowledged is missing, nothing has happened twice, and each change has its event. */
  async function expectHonest(
    { direct, expectChanges }: Carriers,
    records: Awaited<ReturnType<ReturnType<typeof writeOn>['stop']>>,
  ): Promise<void> {
    for (const { id, acknowledged, unknown, longestMs } of records) {
      const changes = (await direct.carriers.find(id))?.document.changes ?? 0;
      expect(changes).toBeGreaterThanOrEqual(acknowledged);
      expect(changes).toBeLessThanOrEqual(acknowledged + unknown);
      expect(longestMs).toBeLessThan(boundMs);
      await expectChanges(id, changes);
    }
  }

  const faults: [string, RegExp, () => Promise<void>, () => Promise<void>][] = [
    ['is killed', /ECONNREFUSED|closed|ECONNRESET/, () => server.kill(), () => server.start()],
    ['is paused', /timed out/, () => server.pause(), () => server.resume()],
    [
      'is cut off',
      /ECONNREFUSED|closed|ECONNRESET/,
      () => proxy.refuseConnections(),
      () => proxy.reset(),
    ],
  ];
  test.each(faults)(
    'one that %s under load loses nothing and doubles nothing, and is a problem until it is back',
    async (_how, reason, breakIt, mend) => {
      const carriers = await openCarriers([proxy.url, server.url]);
      const { problem } = carriers.faulty.database;
      const writing = writeOn(carriers);
      await writing.progress(5);
      expect(problem()).toBeUndefined();

      await breakIt();
      await until(() => {
        expect(problem()).toMatch(/^no server can be written to since 20\d\d-\d\d-\d\dT[\d:.]+Z: /);
        expect(problem()).toMatch(reason);
        // Each of them has given up at least once: what is asked ends, also while nobody answers.
        for (const { unknown } of writing.records) expect(unknown).toBeGreaterThan(0);
      }, 30_000);

      await mend();
      await writing.progress(5);
      await until(() => expect(problem()).toBeUndefined());
      await expectHonest(carriers, await writing.stop());
    },
  );

  test('one that is slow is waited for, and fifty changes at once lose nothing', async () => {
    const { faulty, expectChanges } = await openCarriers([proxy.url, server.url]);
    await faulty.add('a');
    const ids = Array.from({ length: 49 }, (_, index) => `b-${index}`);
    await Promise.all(ids.map((id) => faulty.add(id)));
    proxy.delayReplies(300);
    await Promise.all([faulty.change('a'), ...ids.map((id) => faulty.change(id))]);
    await proxy.reset();
    for (const id of ['a', ...ids]) await expectChanges(id, 1);
  });

  test('one whose answer comes later than anybody waits has made the change once, and the next one follows it', async () => {
    const { faulty, expectChanges } = await openCarriers([proxy.url, server.url]);
    await faulty.add('a');
    proxy.delayReplies(6_000);
    const startedMs = performance.now();
    await expect(faulty.carriers.replace('a', 1, { changes: 0, name: 'a' })).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    });
    expect(performance.now() - startedMs).toBeLessThan(boundMs);
    await proxy.reset();
    await until(async () => expect((await faulty.carriers.find('a'))?.version).toBe(2));
    await expect(faulty.carriers.replace('a', 1, { changes: 0, name: 'a' })).resolves.toBe(false);
    await faulty.carriers.remove({ _id: 'a' });
    await faulty.add('a');
    await faulty.change('a');
    await expectChanges('a', 1);
  });
});
