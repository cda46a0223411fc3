import type { Outbox } from '@credential-renewal/events';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { createShiftableClock } from '@credential-renewal/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aConnection, account, aSource, aState } from '../rule-examples.ts';
import { sourceStateEvent } from '../source-state-event.ts';
import type { Source, Use } from '../use.ts';
import { createUseChanges } from '../use-changes.ts';
import type { UseStore, UseWrite } from './use-store.ts';

export type OpenedUseStore = { uses: UseStore; outbox: Outbox; close(): Promise<void> };

const firstPage = { limit: 10, after: undefined };

function first(use: Use): UseWrite {
  return { use: { ...use, version: 1, revision: 1 } };
}

/** What every engine of `UseStore` must keep; `open` gives an empty one. */
export function testUseStore(engine: string, open: () => Promise<OpenedUseStore>): void {
  describe(`${engine} use store`, () => {
    let store: OpenedUseStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    const ids = (found: { id: string }[]) => found.map(({ id }) => id);

    test('of 50 writers from the same revision one wins, and the others are told', async () => {
      const { uses } = store;
      await uses.insert(first(aSource()));
      const won = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          uses.replace({ use: aSource({ name: `writer ${index}`, revision: 2 }) }),
        ),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      expect((await uses.find('source'))?.name).toBe(`writer ${won.indexOf(true)}`);
    });

    test('of 50 changes at the same time none is lost, and their events have no gaps', async () => {
      const { uses, outbox } = store;
      const clock = createShiftableClock();
      const changes = createUseChanges({ uses, clock, onAnnounced: () => undefined });
      await uses.insert(first(aSource({ name: '' })));
      await Promise.all(
        Array.from({ length: 50 }, () =>
          changes.change('source', (use) => ({
            next: { ...use, name: `${use.name}+` },
            announce: true,
            audit: { timeMs: 1, actorName: 'Ada', action: 'source.created', text: use.name },
          })),
        ),
      );
      expect(await uses.find('source')).toMatchObject({ name: '+'.repeat(50), revision: 51 });
      const sequences = (await outbox.pending(100)).map(({ event }) => Number(event.sequence));
      expect(sequences).toEqual(Array.from({ length: 50 }, (_, index) => index + 2));
      const texts = await uses.listAuditEntries('source', { limit: 100, after: undefined });
      expect(new Set(texts.map(({ text }) => text)).size).toBe(50);
    });

    test('a write that loses leaves no event and no history', async () => {
      const { uses, outbox } = store;
      await uses.insert(first(aSource()));
      const late = aSource({ revision: 1, version: 2 });
      const lost = await uses.replace({
        use: late,
        event: sourceStateEvent(late, false, 1),
        audit: {
          useId: late.id,
          position: 1,
          timeMs: 1,
          actorName: 'Ada',
          action: 'source.created',
          text: 'late',
        },
      });
      expect(lost).toBe(false);
      expect(await outbox.pending(10)).toEqual([]);
      expect(await uses.listAuditEntries('source', firstPage)).toEqual([]);
    });

    test('a touch makes whoever has read the use before lose; what is deleting is not touched', async () => {
      const { uses } = store;
      await uses.insert(first(aSource()));
      expect(await Promise.all(Array.from({ length: 50 }, () => uses.touch('source')))).toEqual(
        Array.from({ length: 50 }, () => true),
      );
      expect(await uses.replace({ use: aSource({ revision: 2 }) })).toBe(false);
      const deleting = aSource({ revision: 52, deleting: { userId: 'ada', sinceMs: 1 } });
      expect(await uses.replace({ use: deleting })).toBe(true);
      expect(await uses.touch('source')).toBe(false);
      expect(await uses.touch('nobody')).toBe(false);
      expect(await uses.find('source')).toEqual(deleting);
    });

    test('an id is taken once', async () => {
      await store.uses.insert(first(aSource()));
      const event = sourceStateEvent(aSource(), false, 1);
      await expect(store.uses.insert({ ...first(aSource()), event })).rejects.toThrow();
      expect(await store.outbox.pending(10)).toEqual([]);
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
    });

    test('the last sync only moves forward and survives other changes', async () => {
      const { uses } = store;
      const report = { accountId: account, sourceId: 'source' };
      await uses.insert(first(aSource()));
      expect(await uses.recordSync({ ...report, syncedAtMs: 500 })).toBe(true);
      expect(await uses.recordSync({ ...report, syncedAtMs: 300 })).toBe(true);
      expect(await uses.replace({ use: aSource({ name: 'Other', revision: 2 }) })).toBe(true);
      expect(await uses.find('source')).toMatchObject({ name: 'Other', lastSyncedAtMs: 500 });
      expect(await uses.recordSync({ ...report, accountId: 'other', syncedAtMs: 9 })).toBe(false);
    });

    test('a list runs newest first, page by page, and equal times are told apart by id', async () => {
      const { uses } = store;
      const times = { a: 1, b: 2, c: 2, d: 3 };
      for (const [id, createdAtMs] of Object.entries(times)) {
        await uses.insert(first(aSource({ id, createdAtMs })));
      }
      const list = (after: { order: number; id: string } | undefined) =>
        uses.listSources({
          accountId: account,
          of: { creatorId: 'creator' },
          status: undefined,
          limit: 2,
          after,
        });
      expect(ids(await list(undefined))).toEqual(['d', 'c']);
      expect(ids(await list({ order: 2, id: 'c' }))).toEqual(['b', 'a']);
    });

    test('lists filter by status and show nothing that is deleting', async () => {
      const { uses } = store;
      const expired = { credential: aState(1, { status: CredentialStatus.EXPIRED }) };
      const deleting = { userId: 'creator', sinceMs: 1 };
      const all: Source[] = [
        aSource({ id: 'pending', workspaceId: 'w', authorizedConnectionId: 'c' }),
        aSource({ id: 'red', workspaceId: 'w', authorizedConnectionId: 'c', ...expired }),
        aSource({
          id: 'gone',
          workspaceId: 'w',
          authorizedConnectionId: 'c',
          ...expired,
          deleting,
        }),
      ];
      for (const source of all) await uses.insert(first(source));
      const list = (status: 'expired' | undefined) =>
        uses.listSources({ accountId: account, of: { workspaceId: 'w' }, status, ...firstPage });
      expect(ids(await list(undefined))).toEqual(['red', 'pending']);
      expect(ids(await list('expired'))).toEqual(['red']);
      expect(await uses.countSourcesByWorkspace(['w', 'x'])).toEqual(
        new Map([['w', { sources: 2, needRenewal: 1 }]]),
      );
      expect(await uses.countBackedSources(['c', 'x'])).toEqual(new Map([['c', 2]]));
      expect(ids(await uses.listBackedSources({ connectionId: 'c', limit: 9 }))).toEqual([
        'pending',
        'red',
      ]);
      expect(ids(await uses.listDeleting(9))).toEqual(['gone']);
      const which = { accountId: account, credentialId: 'credential', limit: 9 };
      expect(ids(await uses.listUsesOfCredential(which))).toEqual(['red']);
    });

    test('the uses of a credential are those of its account, older ones on request', async () => {
      const { uses } = store;
      await uses.insert(first(aSource({ id: 'a', credential: aState(1) })));
      await uses.insert(first(aConnection({ id: 'b', credential: aState(2) })));
      await uses.insert(first(aSource({ id: 'c', accountId: 'other', credential: aState(1) })));
      const which = { accountId: account, credentialId: 'credential', limit: 9 };
      expect(ids(await uses.listUsesOfCredential(which))).toEqual(['a', 'b']);
      expect(ids(await uses.listUsesOfCredential({ ...which, afterId: 'a' }))).toEqual(['b']);
      expect(ids(await uses.listUsesOfCredential({ ...which, olderThan: 2n }))).toEqual(['a']);
    });

    test('connections are listed for their account alone, and sources are no connections', async () => {
      const { uses } = store;
      await uses.insert(first(aConnection({ id: 'mine' })));
      await uses.insert(first(aConnection({ id: 'theirs', accountId: 'other' })));
      await uses.insert(first(aSource()));
      const list = { accountId: account, status: undefined, ...firstPage };
      expect(ids(await uses.listConnections(list))).toEqual(['mine']);
      expect(ids(await uses.findConnections(['mine', 'source', 'nobody']))).toEqual(['mine']);
    });

    test('abandoned is what has been pending since before a time', async () => {
      const { uses } = store;
      await uses.insert(first(aSource({ id: 'old', pendingSinceMs: 10 })));
      await uses.insert(first(aSource({ id: 'young', pendingSinceMs: 30 })));
      await uses.insert(first(aSource({ id: 'authorized' })));
      expect(ids(await uses.listAbandoned(20, 9))).toEqual(['old']);
    });
  });
}
