import { randomUUID } from 'node:crypto';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { connectMongo, openDocuments } from '@credential-renewal/storage/mongo';
import { describe, expect, onTestFinished, test } from 'vitest';
import { outboxContract } from '../outbox.contract.ts';
import { sampleEvent } from '../sample-event.ts';
import {
  mongoOutbox,
  outboxFields,
  outboxIndex,
  withEvents,
  withLastEvents,
} from './mongo-outbox.ts';

const server = process.env['TEST_MONGODB_URL'] ?? '';
const logger = createLogger({ service: 'test', level: 'silent' });

async function openCarriers() {
  const database = await connectMongo(
    { url: `${server}/outbox-${randomUUID()}`, ...{ engine: 'mongodb', poolSize: 5 } },
    { service: 'test', clock: systemClock, logger },
  );
  await database.native('carriers').createIndexes([outboxIndex]);
  const documents = openDocuments<{ changes: number }>({
    ...{ database, name: 'carriers', schemaVersion: 1, fields: outboxFields },
    fieldsOf: () => ({}),
  });
  const dispose = async () => {
    await database.native('carriers').drop();
    await database.close();
  };
  return { documents, dispose };
}

describe.skipIf(server === '')('with a MongoDB server', () => {
  outboxContract('the MongoDB outbox', async () => {
    const { documents, dispose } = await openCarriers();
    let nowMs = 0;
    await documents.insert('a', { changes: 0 });
    const change = (events: Parameters<typeof withEvents>[0], version?: number) =>
      version === undefined
        ? documents.update('a', ({ changes }) => ({
            document: { changes: changes + 1 },
            effects: withEvents(events),
          }))
        : documents.replace('a', version, { changes: 0 }, withEvents(events));
    return {
      outbox: mongoOutbox(documents, { nowMs: () => nowMs }),
      append: async (events) => void (await change(events)),
      appendAndFail: async (events) => void (await change(events, 999)),
      setNowMs: (ms) => {
        nowMs = ms;
      },
      dispose,
    };
  });

  const open = async () => {
    const { documents, dispose } = await openCarriers();
    onTestFinished(dispose);
    const clock = { ms: Date.UTC(2026, 0, 1), nowMs: () => clock.ms };
    const replicas = [mongoOutbox(documents, clock), mongoOutbox(documents, clock)] as const;
    const write = (id: string, ...sequences: number[]) =>
      documents.update(id, (document) => ({
        document,
        effects: withEvents(sequences.map((sequence) => sampleEvent(id, sequence))),
      }));
    return { documents, clock, replicas, write };
  };

  test('two replicas share the work, and no key is in both hands', async () => {
    const { documents, replicas, write } = await open();
    const [one, other] = replicas;
    for (const id of ['a', 'b', 'c']) await documents.insert(id, { changes: 0 });
    await write('a', 1, 2);
    await write('b', 1);
    const first = await one.pending(10);
    expect(first.map(({ event }) => event.subject)).toEqual(['a', 'a', 'b']);
    await write('a', 3);
    await write('c', 1);
    expect((await other.pending(10)).map(({ event }) => event.subject)).toEqual(['c']);
    await one.remove(first.map(({ position }) => position));
    expect((await one.pending(10)).map(({ event }) => Number(event.sequence))).toEqual([3]);
  });

  test('of two replicas that ask at once, one gets each key', async () => {
    const { documents, replicas, write } = await open();
    const ids = Array.from({ length: 20 }, (_, index) => `key-${index}`);
    for (const id of ids) {
      await documents.insert(id, { changes: 0 });
      await write(id, 1);
    }
    const both = await Promise.all(replicas.map((replica) => replica.pending(100)));
    const taken = both.flat().map(({ event }) => event.subject);
    expect(taken.length).toBe(new Set(taken).size);
    const rest = await Promise.all(replicas.map((replica) => replica.pending(100)));
    expect(new Set(rest.flat().map(({ event }) => event.subject)).size).toBe(20);
  });

  test('what a replica that died had taken goes to the others after its time', async () => {
    const { documents, clock, replicas, write } = await open();
    const [dead, other] = replicas;
    await documents.insert('a', { changes: 0 });
    await write('a', 1);
    await dead.pending(10);
    expect(await other.pending(10)).toEqual([]);
    clock.ms += 30_001;
    expect(await other.pending(10)).toHaveLength(1);
  });

  test('a claim from a clock that ran far ahead holds nobody up for ever', async () => {
    const { documents, clock, replicas, write } = await open();
    await documents.insert('a', { changes: 0 });
    await write('a', 1);
    clock.ms += 24 * 60 * 60_000;
    await replicas[0].pending(10);
    clock.ms -= 24 * 60 * 60_000;
    expect(await replicas[1].pending(10)).toHaveLength(1);
  });

  test('a retired document goes when its last event is out, and not before', async () => {
    const { documents, replicas, write } = await open();
    const [one] = replicas;
    await documents.insert('a', { changes: 0 });
    await write('a', 1);
    const last = withLastEvents([sampleEvent('a', 2, { data: null })], 0);
    expect(await documents.retire('a', 2, last)).toBe(true);
    expect(await documents.find('a')).toBeUndefined();
    const [first, second] = await one.pending(10);
    expect(second?.event.data).toBeNull();
    const count = () => documents.ask((collection) => collection.countDocuments());
    await one.remove([first?.position ?? '']);
    expect(await count()).toBe(1);
    await one.remove([second?.position ?? '']);
    expect(await count()).toBe(0);
  });

  test('a document that is retired without a word goes too', async () => {
    const { documents, replicas } = await open();
    await documents.insert('a', { changes: 0 });
    expect(await documents.retire('a', 1, withLastEvents([], 0))).toBe(true);
    expect(await replicas[0].pending(10)).toEqual([]);
    expect(await documents.ask((collection) => collection.countDocuments())).toBe(0);
  });
});
