import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createMongoProxy, type MongoProxy } from '../servers/mongo-proxy.ts';
import { type MongoServer, startMongo } from '../servers/mongo-server.ts';
import { canStart } from '../servers/own-servers.ts';
import { until } from '../system/until.ts';
import { openCarriers } from './mongo-carriers.ts';

/** As findOneAndUpdate is called on the wire. */
const change = { command: 'findAndModify', collection: 'carriers' };

describe.skipIf(!canStart.mongodb)('a connection to MongoDB that breaks', () => {
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

  // Patient: what is told here is what has happened, however long a busy machine takes to tell it.
  const start = () => openCarriers([proxy.url, server.url], 40_000);
  const faults = async (work: () => Promise<void>) => {
    const before = proxy.counters().faults;
    await work();
    return proxy.counters().faults - before;
  };

  test.each([1, 2, 3])(
    'a change whose reply is lost %i times has happened once, with its event',
    async (times) => {
      const { faulty, expectChanges } = await start();
      await faulty.add('a');
      await faulty.change('a');
      proxy.cutReply({ ...change, times });
      const met = await faults(async () => {
        expect(await faulty.change('a')).toMatchObject({ changes: 2 });
      });
      expect(met).toBe(times);
      await expectChanges('a', 2);
      await faulty.change('a');
      await expectChanges('a', 3);
    },
  );

  test('a change that never arrived is made again, and one of several in vain at last', async () => {
    const { faulty, expectChanges } = await start();
    await faulty.add('a');
    proxy.cutRequest({ ...change, times: 1 });
    proxy.cutReply({ ...change, times: 1 });
    proxy.cutRequest({ ...change, times: 1 });
    expect(await faults(async () => void (await faulty.change('a')))).toBe(3);
    await expectChanges('a', 1);
  });

  /** The reply of ours is lost, and it is not asked about before the others have made so many changes. */
  async function loseReplyDuring(others: number) {
    const { faulty, direct, expectChanges } = await start();
    await faulty.add('a');
    proxy.cutReply({ ...change, times: 1 });
    proxy.cutRequest({ ...change, times: 1_000 });
    const ours = faulty.change('a');
    // It may fail while nobody waits for it yet, which is not an error of the test's.
    ours.catch(() => undefined);
    await until(async () => expect((await direct.carriers.find('a'))?.version).toBe(2));
    for (let made = 0; made < others; made++) await direct.change('a');
    await proxy.reset();
    return { ours, expectChanges };
  }

  test('a change whose reply is lost is known for ours though others have changed the document since', async () => {
    const { ours, expectChanges } = await loseReplyDuring(40);
    await ours;
    await expectChanges('a', 41);
  });

  test('where others have changed it too often to tell, the answer is an error, and no second change', async () => {
    const { ours, expectChanges } = await loseReplyDuring(70);
    await expect(ours).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await expect(ours).rejects.toThrow('to tell what became of it');
    await expectChanges('a', 71);
  });

  test('a change that came too late stays refused though the reply that said so is lost', async () => {
    const { faulty, direct, expectChanges } = await start();
    await faulty.add('a');
    await direct.change('a');
    proxy.cutReply({ ...change, times: 1 });
    const carrier = { changes: 9, name: 'a' };
    expect(await faulty.carriers.replace('a', 1, carrier)).toBe(false);
    await expectChanges('a', 1);
  });

  test('a change whose condition still holds after it is not made twice either', async () => {
    const { faulty, direct } = await start();
    await faulty.add('a');
    proxy.cutReply({ ...change, times: 2 });
    expect(await faulty.carriers.change({ _id: 'a' }, { $inc: { version: 1 } })).toBe(true);
    expect(await direct.carriers.find('a')).toMatchObject({ version: 2 });
  });

  test('of several writers some of whose replies are lost at random none loses a change or makes it twice', async () => {
    const { faulty, direct, expectChanges } = await start();
    await faulty.add('a');
    const made = { faulty: 0, direct: 0 };
    const work = async (who: 'faulty' | 'direct', rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        if (who === 'faulty') {
          const lose = Math.random() < 0.5 ? proxy.cutReply : proxy.cutRequest;
          lose({ ...change, times: 1 });
        }
        await { faulty, direct }[who].change('a');
        made[who]++;
      }
    };
    await Promise.all([
      ...Array.from({ length: 3 }, () => work('faulty', 4)),
      ...Array.from({ length: 4 }, () => work('direct', 15)),
    ]);
    expect(made).toEqual({ faulty: 12, direct: 60 });
    await expectChanges('a', 72);
  });

  test('an insert whose reply is lost is known for ours, and is not made twice', async () => {
    const { faulty, expectChanges } = await start();
    proxy.cutReply({ command: 'insert', collection: 'carriers', times: 2 });
    expect(await faults(async () => expect(await faulty.add('a')).toBe(true))).toBe(2);
    await expectChanges('a', 0);
  });

  test('an insert of an id or a name that is taken stays refused though the replies that said so are lost', async () => {
    const { faulty, direct, expectChanges } = await start();
    await direct.add('a');
    proxy.cutReply({ command: 'insert', collection: 'carriers', times: 1 });
    expect(await faulty.add('a')).toBe(false);
    proxy.cutReply({ command: 'insert', collection: 'carriers', times: 1 });
    expect(await faulty.add('b', 'a')).toBe(false);
    expect(await direct.carriers.find('b')).toBeUndefined();
    await expectChanges('a', 0);
  });

  test('an insert under an id of its own answers with one that is there once, whatever the lost ones left', async () => {
    const { faulty, direct } = await start();
    proxy.cutReply({ command: 'insert', collection: 'carriers', times: 1 });
    await direct.database.native('carriers').dropIndex('name');
    const id = await faulty.carriers.insertUnderNewId({ changes: 0, name: 'a' });
    expect(await direct.carriers.remove({ _id: id })).toBe(true);
    expect(await direct.carriers.find(id)).toBeUndefined();
    expect(await direct.carriers.list({ where: { name: 'a' } })).toHaveLength(1);
  });

  test('a removal whose reply is lost has happened', async () => {
    const { faulty, direct } = await start();
    await faulty.add('a');
    proxy.cutReply({ command: 'delete', collection: 'carriers', times: 1 });
    await faulty.carriers.remove({ _id: 'a' });
    expect(await direct.carriers.find('a')).toBeUndefined();
  });

  test('a question whose reply is lost is asked again', async () => {
    const { faulty } = await start();
    await faulty.add('a');
    proxy.cutReply({ command: 'find', collection: 'carriers', times: 2 });
    expect(await faulty.carriers.find('a')).toMatchObject({ version: 1 });
  });

  test('a relay whose replies are lost publishes each event, in order, and leaves none behind', async () => {
    const { faulty, direct } = await start();
    await faulty.add('a');
    for (let changes = 0; changes < 4; changes++) await faulty.change('a');
    const published: number[] = [];
    for (const command of ['update', 'find', 'delete', 'update']) {
      proxy.cutReply({ command, collection: 'carriers', times: 1 });
      const pending = await faulty.outbox.pending(1);
      published.push(...pending.map(({ event }) => Number(event.sequence)));
      proxy.cutReply({ command: 'update', collection: 'carriers', times: 1 });
      await faulty.outbox.remove(pending.map(({ position }) => position));
    }
    expect(published).toEqual([1, 2, 3, 4]);
    expect(await direct.outbox.backlog()).toEqual({ count: 0, oldestAgeMs: 0 });
  });
});
