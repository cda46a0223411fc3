import { createShiftableClock } from '@credential-renewal/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aConnection, account, anAuditEntry, aSource, aState } from '../rule-examples.ts';
import { sourceStateEvent } from '../source-state-event.ts';
import type { Use } from '../use.ts';
import { createUseChanges } from '../use-changes.ts';
import type { RegistryStores } from './open-registry-stores.ts';
import type { OpenedRegistry } from './registry-stores.contract.ts';
import type { UseWrite } from './use-store.ts';

const deleting = { userId: 'ada', sinceMs: 1 };
const fifty = (work: (index: number) => Promise<unknown>) =>
  Promise.all(Array.from({ length: 50 }, (_, index) => work(index)));

function first(use: Use): UseWrite {
  return { use: { ...use, version: 1, revision: 1 } };
}

/** A write with everything that goes with it. */
function whole(use: Use, text: string): UseWrite {
  return {
    use,
    event: sourceStateEvent(use, text === 'removed', 1),
    audit: anAuditEntry({ position: use.revision, text }),
  };
}

/** What every engine of `UseStore` must keep of its writes; `open` gives an empty database. */
export function testUseStore(engine: string, open: () => Promise<OpenedRegistry>): void {
  describe(`${engine} use store`, () => {
    let opened: OpenedRegistry;
    let store: RegistryStores;
    beforeEach(async () => {
      opened = await open();
      store = opened.replica(0);
    });
    afterEach(() => opened.close());

    const usesOf = (index: number) => opened.replica(index).uses;
    const sequences = async () =>
      (await store.outbox.pending(100)).map(({ event }) => Number(event.sequence));
    const texts = async () => {
      const entries = await store.uses.listAuditEntries('source', { limit: 100, after: undefined });
      return entries.map(({ text }) => text);
    };

    test('of 50 writers from the same revision one wins, and the others are told', async () => {
      const { uses } = store;
      await uses.insert(first(aSource()));
      const won = await fifty((index) =>
        usesOf(index).replace({ use: aSource({ name: `writer ${index}`, revision: 2 }) }),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      expect((await uses.find('source'))?.name).toBe(`writer ${won.indexOf(true)}`);
    });

    test('of 50 changes at the same time none is lost, and their events have no gaps', async () => {
      const clock = createShiftableClock();
      await store.uses.insert(first(aSource({ name: '' })));
      await fifty((index) =>
        createUseChanges({ uses: usesOf(index), clock, onAnnounced: () => undefined }).change(
          'source',
          (use) => ({
            next: { ...use, name: `${use.name}+` },
            announce: true,
            audit: { timeMs: 1, actorName: 'Ada', action: 'source.created', text: use.name },
          }),
        ),
      );
      expect(await store.uses.find('source')).toMatchObject({
        ...{ name: '+'.repeat(50), revision: 51 },
      });
      expect(await sequences()).toEqual(Array.from({ length: 50 }, (_, index) => index + 2));
      expect(new Set(await texts()).size).toBe(50);
    });

    test('a write stores the use, its audit entry and its event together', async () => {
      const { uses } = store;
      await uses.insert(whole(aSource(), 'inserted'));
      expect([await sequences(), await texts()]).toEqual([[1], ['inserted']]);
      const changed = aSource({ revision: 2, version: 2, deleting });
      expect(await uses.replace(whole(changed, 'replaced'))).toBe(true);
      expect([await sequences(), await texts()]).toEqual([
        [1, 2],
        ['replaced', 'inserted'],
      ]);
      const last = aSource({ revision: 3, version: 3, deleting });
      expect(await uses.remove(whole(last, 'removed'))).toBe(true);
      expect([await sequences(), await texts()]).toEqual([
        [1, 2, 3],
        ['removed', 'replaced', 'inserted'],
      ]);
      expect(await uses.find('source')).toBeUndefined();
    });

    test('a write that loses leaves no event and no history', async () => {
      const { uses } = store;
      await uses.insert(first(aSource()));
      const late = aSource({ revision: 1, version: 2 });
      expect(await uses.replace(whole(late, 'late'))).toBe(false);
      expect(await uses.remove(whole(late, 'removed'))).toBe(false);
      await expect(uses.insert(whole(aSource(), 'late'))).rejects.toThrow();
      expect([await sequences(), await texts()]).toEqual([[], []]);
    });

    test('of 50 writers of one position in the history only the winner is told of', async () => {
      await store.uses.insert(first(aSource()));
      const won = await fifty((index) =>
        usesOf(index).replace(whole(aSource({ revision: 2, version: 2 }), `writer ${index}`)),
      );
      expect(await texts()).toEqual([`writer ${won.indexOf(true)}`]);
      expect(await sequences()).toEqual([2]);
    });

    test('a touch makes whoever has read the use before lose; what is deleting is not touched', async () => {
      const { uses } = store;
      await uses.insert(first(aSource()));
      expect(await fifty((index) => usesOf(index).touch('source'))).toEqual(
        Array.from({ length: 50 }, () => true),
      );
      expect(await uses.replace({ use: aSource({ revision: 2 }) })).toBe(false);
      expect(await uses.find('source')).toEqual(aSource({ revision: 51 }));
      const next = aSource({ revision: 52, deleting });
      expect(await uses.replace({ use: next })).toBe(true);
      expect(await uses.touch('source')).toBe(false);
      expect(await uses.touch('nobody')).toBe(false);
      expect(await uses.find('source')).toEqual(next);
    });

    test('an id is taken once', async () => {
      const taken = await Promise.allSettled(
        Array.from({ length: 50 }, (_, index) =>
          usesOf(index).insert(whole(aSource(), `writer ${index}`)),
        ),
      );
      const lost = taken.filter((answer) => answer.status === 'rejected');
      expect(lost).toHaveLength(49);
      expect(new Set(lost.map(({ reason }) => reason.code))).toEqual(new Set(['USE_EXISTS']));
      expect(await sequences()).toEqual([1]);
      const winner = taken.findIndex(({ status }) => status === 'fulfilled');
      expect(await texts()).toEqual([`writer ${winner}`]);
    });

    test('only the revision that was read can be removed', async () => {
      const { uses } = store;
      await uses.insert(first(aSource()));
      expect(await uses.remove({ use: aSource({ revision: 3 }) })).toBe(false);
      expect(await uses.remove({ use: aSource({ revision: 2 }) })).toBe(true);
      expect(await uses.find('source')).toBeUndefined();
    });

    test('a use is read as it was written, its credential included', async () => {
      const { uses } = store;
      const source = aSource({
        workspaceId: 'w',
        credential: aState(7, { expiresAt: new Date(9_000), missingScopes: ['a'] }),
        accountSwitchedAtVersion: 7n,
      });
      await uses.insert(first(source));
      expect(await uses.find('source')).toEqual(source);
      await uses.insert(first(aConnection({ sharedWith: ['a', 'b'] })));
      expect(await uses.find('connection')).toEqual(aConnection({ sharedWith: ['a', 'b'] }));
      const without = aSource({ revision: 2 });
      expect(await uses.replace({ use: without })).toBe(true);
      expect(await uses.find('source')).toEqual(without);
    });

    test('the last sync only moves forward, takes no revision and survives other changes', async () => {
      const { uses } = store;
      const report = { accountId: account, sourceId: 'source' };
      await uses.insert(first(aSource()));
      const known = await fifty((index) =>
        usesOf(index).recordSync({ ...report, syncedAtMs: ((index * 37) % 50) + 1 }),
      );
      expect(known).toEqual(Array.from({ length: 50 }, () => true));
      expect(await uses.find('source')).toEqual(aSource({ lastSyncedAtMs: 50 }));
      expect(await uses.replace({ use: aSource({ name: 'Other', revision: 2 }) })).toBe(true);
      expect(await uses.find('source')).toMatchObject({ name: 'Other', lastSyncedAtMs: 50 });
    });

    test('a sync is reported of a source of its account that is not deleting, and of nothing else', async () => {
      const { uses } = store;
      const report = { accountId: account, sourceId: 'source', syncedAtMs: 9 };
      await uses.insert(first(aSource()));
      await uses.insert(first(aConnection()));
      expect(await uses.recordSync({ ...report, accountId: 'other' })).toBe(false);
      expect(await uses.recordSync({ ...report, sourceId: 'connection' })).toBe(false);
      expect(await uses.recordSync({ ...report, sourceId: 'nobody' })).toBe(false);
      await uses.replace({ use: aSource({ revision: 2, deleting }) });
      expect(await uses.recordSync(report)).toBe(false);
    });
  });
}
