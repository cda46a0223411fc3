import { randomUUID } from 'node:crypto';
import { mongoOutbox } from '@credential-renewal/events/mongo';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { connectMongo, migrate } from '@credential-renewal/storage/mongo';
import { describe, expect, onTestFinished, test } from 'vitest';
import { anAuditEntry, aSource } from '../rule-examples.ts';
import { sourceStateEvent } from '../source-state-event.ts';
import { noAuditWaits, openAuditEntries } from './mongo-audit-entries.ts';
import { registrySchema } from './mongo-registry-schema.ts';
import { openUseDocuments } from './mongo-use-documents.ts';
import { createMongoUseStore } from './mongo-use-store.ts';

const server = process.env['TEST_MONGODB_URL'] ?? '';
const logger = createLogger({ service: 'test', level: 'silent' });
const never = new AbortController().signal;

async function open() {
  const database = await connectMongo(
    { engine: 'mongodb', url: `${server}/registry-${randomUUID()}`, poolSize: 10 },
    { service: 'test', clock: systemClock, logger },
  );
  onTestFinished(async () => {
    await database.drop();
    await database.close();
  });
  await migrate(database, registrySchema, () => undefined);
  const documents = openUseDocuments(database);
  const entries = openAuditEntries(database, documents);
  const uses = createMongoUseStore(documents, entries, systemClock);
  const outbox = mongoOutbox(documents, systemClock, noAuditWaits);
  return {
    ...{ database, entries, uses, outbox },
    use: () => database.native<{ _id: string; audit?: unknown[] }>('uses').findOne({}),
    moved: () => database.native('audit_entries').countDocuments(),
    async write(revision: number) {
      const use = aSource({ revision, version: revision });
      const audit = anAuditEntry({ position: revision });
      if (revision === 1) await uses.insert({ use, audit });
      else await uses.replace({ use, audit });
    },
    remove: (revision: number) => {
      const use = aSource({ revision, version: revision });
      const event = sourceStateEvent(use, true, 1);
      return uses.remove({ use, event, audit: anAuditEntry({ position: revision }) });
    },
    async publish() {
      await outbox.remove((await outbox.pending(10)).map(({ position }) => position));
    },
    async positions() {
      const found = await entries.list('source', { limit: 100, after: undefined });
      return found.map(({ position }) => position);
    },
  };
}

const downFrom = (last: number) => Array.from({ length: last }, (_, index) => last - index);

describe.skipIf(server === '')('with a MongoDB server', { timeout: 60_000 }, () => {
  test('while two replicas move what is being written, every read of a history is whole', async () => {
    const { uses, entries, write, positions, use, moved } = await open();
    let written = 0;
    let isOver = false;
    const until = async (work: () => Promise<void>) => {
      while (!isOver) await work();
    };
    const read = async () => {
      const atLeast = written;
      const found = await positions();
      expect(found).toEqual(downFrom(found.length));
      expect(found.length).toBeGreaterThanOrEqual(atLeast);
    };
    const others = Promise.all([
      until(() => entries.moveWaiting(never)),
      until(() => entries.moveWaiting(never)),
      until(read),
    ]);
    for (; written < 60; written++) await write(written + 1);
    isOver = true;
    await others;
    await entries.moveWaiting(never);
    expect(await positions()).toEqual(downFrom(60));
    expect(await moved()).toBe(60);
    expect(await use()).toMatchObject({ audit: [], version: 60 });
    expect(await use()).not.toHaveProperty('auditWaits');
    // The moves took nothing away from the writers.
    expect((await uses.find('source'))?.revision).toBe(60);
  });

  test('an entry that was moved but is still in its use is there once', async () => {
    const { database, entries, write, positions } = await open();
    await write(1);
    await entries.moveWaiting(never);
    const audit = anAuditEntry();
    await database
      .native('uses')
      .updateOne({ _id: 'source' }, { $set: { audit: [audit], auditWaits: true } });
    expect(await positions()).toEqual([1]);
    await entries.moveWaiting(never);
    expect(await positions()).toEqual([1]);
  });

  test.each([
    ['its events', ['publish', 'move']],
    ['its history', ['move', 'publish']],
  ])('a removed use stays while it carries anything: %s go first', async (_, steps) => {
    const { entries, write, remove, publish, positions, use } = await open();
    await write(1);
    expect(await remove(2)).toBe(true);
    for (const step of steps) {
      expect(await use()).toMatchObject({ retired: true });
      if (step === 'publish') await publish();
      else await entries.moveWaiting(never);
      expect(await positions()).toEqual([2, 1]);
    }
    expect(await use()).toBeNull();
  });

  test('a removed use whose mover died before its last step goes with the next move', async () => {
    const { database, entries, write, remove, publish, use } = await open();
    await write(1);
    await remove(2);
    await publish();
    await database.native('uses').updateOne({ _id: 'source' }, { $set: { audit: [] } });
    await entries.moveWaiting(never);
    expect(await use()).toBeNull();
  });
});
