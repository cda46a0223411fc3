import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { account, anAuditEntry, aSource } from '../rule-examples.ts';
import { sourceStateEvent } from '../source-state-event.ts';
import type { RegistryStores } from './open-registry-stores.ts';
import type { OpenedRegistry } from './registry-stores.contract.ts';

/** What every engine of `UseStore` must keep of what a use leaves behind: its history, and its events once it is removed. */
export function testUseHistory(engine: string, open: () => Promise<OpenedRegistry>): void {
  describe(`${engine} use store, what is left behind`, () => {
    let opened: OpenedRegistry;
    let store: RegistryStores;
    beforeEach(async () => {
      opened = await open();
      store = opened.replica(0);
    });
    afterEach(() => opened.close());

    /** Revisions 1 to `last` of a source, each with an entry of its history. */
    const write = async (id: string, last: number) => {
      for (let revision = 1; revision <= last; revision++) {
        const use = aSource({ id, revision, version: revision });
        const audit = anAuditEntry({ useId: id, position: revision });
        const event = sourceStateEvent(use, false, revision);
        if (revision === 1) await store.uses.insert({ use, audit, event });
        else await store.uses.replace({ use, audit, event });
      }
    };
    const positions = async (id: string, limit: number, after?: { order: number; id: string }) => {
      const found = await store.uses.listAuditEntries(id, { limit, after });
      return found.map(({ position }) => position);
    };

    test('a history runs newest first, page by page, of one use', async () => {
      await write('source', 5);
      await write('another', 2);
      expect(await positions('source', 2)).toEqual([5, 4]);
      expect(await positions('source', 2, { order: 4, id: 'source' })).toEqual([3, 2]);
      expect(await positions('source', 2, { order: 2, id: 'source' })).toEqual([1]);
      expect(await positions('nobody', 2)).toEqual([]);
    });

    test('an entry of a history is read as it was written', async () => {
      const audit = anAuditEntry({ actorName: 'Ada', action: 'source.taken-over', timeMs: 7 });
      await store.uses.insert({ use: aSource(), audit });
      expect(await store.uses.listAuditEntries('source', { limit: 9, after: undefined })).toEqual([
        audit,
      ]);
    });

    test('what is removed is not found, listed, written, touched or reported any more', async () => {
      const { uses } = store;
      await write('source', 1);
      expect(await uses.remove({ use: aSource({ revision: 2 }) })).toBe(true);
      expect(await uses.replace({ use: aSource({ revision: 3 }) })).toBe(false);
      expect(await uses.remove({ use: aSource({ revision: 3 }) })).toBe(false);
      expect(await uses.touch('source')).toBe(false);
      const report = { accountId: account, sourceId: 'source', syncedAtMs: 1 };
      expect(await uses.recordSync(report)).toBe(false);
      expect(await uses.find('source')).toBeUndefined();
      const of = { creatorId: 'creator' };
      const page = { accountId: account, status: undefined, limit: 9, after: undefined };
      expect(await uses.listSources({ ...page, of })).toEqual([]);
    });

    test('the events of a use that is removed wait until they are published, its tombstone last', async () => {
      const { uses, outbox } = store;
      await write('source', 2);
      const last = aSource({ revision: 3, version: 3 });
      await uses.remove({ use: last, event: sourceStateEvent(last, true, 3) });
      const waiting = await outbox.pending(10);
      expect(waiting.map(({ event }) => Number(event.sequence))).toEqual([1, 2, 3]);
      expect(waiting.at(-1)?.event.data).toBeNull();
      for (const { position } of waiting) await outbox.remove([position]);
      expect(await outbox.backlog()).toEqual({ count: 0, oldestAgeMs: 0 });
    });

    test('a history survives its use, and the last of its events', async () => {
      const { uses, outbox } = store;
      await write('source', 2);
      const last = aSource({ revision: 3, version: 3 });
      const audit = anAuditEntry({ position: 3 });
      await uses.remove({ use: last, audit, event: sourceStateEvent(last, true, 3) });
      expect(await positions('source', 9)).toEqual([3, 2, 1]);
      await outbox.remove((await outbox.pending(10)).map(({ position }) => position));
      expect(await positions('source', 9)).toEqual([3, 2, 1]);
    });

    test('the events of many uses leave in the order of their writes, each use for itself', async () => {
      const uses = ['a', 'b', 'c'];
      await Promise.all(uses.map((id) => write(id, 4)));
      const waiting = await store.outbox.pending(100);
      for (const id of uses) {
        const own = waiting.filter(({ event }) => event.subject === id);
        expect(own.map(({ event }) => Number(event.sequence))).toEqual([1, 2, 3, 4]);
      }
    });
  });
}
