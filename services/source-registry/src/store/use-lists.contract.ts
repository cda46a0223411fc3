import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aConnection, account, aSource, aState } from '../rule-examples.ts';
import type { Source, Use } from '../use.ts';
import type { RegistryStores } from './open-registry-stores.ts';
import type { OpenedRegistry } from './registry-stores.contract.ts';
import type { UseWrite } from './use-store.ts';

const firstPage = { limit: 10, after: undefined };
const deleting = { userId: 'creator', sinceMs: 1 };
const ids = (found: { id: string }[]) => found.map(({ id }) => id);

function first(use: Use): UseWrite {
  return { use: { ...use, version: 1, revision: 1 } };
}

/** What every engine of `UseStore` must keep of its lists and counts. */
export function testUseLists(engine: string, open: () => Promise<OpenedRegistry>): void {
  describe(`${engine} use store, lists`, () => {
    let opened: OpenedRegistry;
    let uses: RegistryStores['uses'];
    beforeEach(async () => {
      opened = await open();
      uses = opened.replica(0).uses;
    });
    afterEach(() => opened.close());

    const insert = async (...all: Use[]) => {
      for (const use of all) await uses.insert(first(use));
    };

    test.each([
      ['of a creator', { creatorId: 'creator' }],
      ['of a workspace', { workspaceId: 'w' }],
    ])(
      'sources %s run newest first, page by page, and equal times are told apart by id',
      async (_, of) => {
        const times = { a: 1, b: 2, c: 2, d: 3 };
        for (const [id, createdAtMs] of Object.entries(times)) {
          await insert(aSource({ id, createdAtMs, workspaceId: 'w' }));
        }
        await insert(aSource({ id: 'e', accountId: 'other', workspaceId: 'w' }));
        const list = (after: { order: number; id: string } | undefined) =>
          uses.listSources({ accountId: account, of, status: undefined, limit: 2, after });
        expect(ids(await list(undefined))).toEqual(['d', 'c']);
        expect(ids(await list({ order: 2, id: 'c' }))).toEqual(['b', 'a']);
        expect(ids(await list({ order: 1, id: 'a' }))).toEqual([]);
      },
    );

    test('lists filter by status and show nothing that is deleting', async () => {
      const expired = { credential: aState(1, { status: CredentialStatus.EXPIRED }) };
      const backed = { workspaceId: 'w', authorizedConnectionId: 'c' };
      const all: Source[] = [
        aSource({ id: 'pending', ...backed }),
        aSource({ id: 'red', ...backed, ...expired }),
        aSource({ id: 'gone', ...backed, ...expired, deleting }),
      ];
      await insert(...all);
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

    test('what becomes deleting leaves the lists, and what changes its status goes with it', async () => {
      const backed = { workspaceId: 'w', authorizedConnectionId: 'c', pendingSinceMs: 1 };
      await insert(aSource(backed));
      const credential = aState(1, { status: CredentialStatus.INSUFFICIENT_SCOPE });
      const red = aSource({ ...backed, pendingSinceMs: undefined, credential, revision: 2 });
      await uses.replace({ use: red });
      expect(await uses.listAbandoned(9, 9)).toEqual([]);
      expect(await uses.countSourcesByWorkspace(['w'])).toEqual(
        new Map([['w', { sources: 1, needRenewal: 1 }]]),
      );
      await uses.replace({ use: { ...red, revision: 3, deleting } });
      expect(await uses.countSourcesByWorkspace(['w'])).toEqual(new Map());
      expect(await uses.countBackedSources(['c'])).toEqual(new Map());
      const of = { creatorId: 'creator' };
      const list = { accountId: account, status: undefined, ...firstPage };
      expect(await uses.listSources({ ...list, of })).toEqual([]);
      expect(ids(await uses.listDeleting(9))).toEqual(['source']);
    });

    test('the uses of a credential are those of its account, older ones on request', async () => {
      await insert(
        aSource({ id: 'a', credential: aState(1) }),
        aConnection({ id: 'b', credential: aState(2) }),
        aSource({ id: 'c', accountId: 'other', credential: aState(1) }),
      );
      const which = { accountId: account, credentialId: 'credential', limit: 9 };
      expect(ids(await uses.listUsesOfCredential(which))).toEqual(['a', 'b']);
      expect(ids(await uses.listUsesOfCredential({ ...which, afterId: 'a' }))).toEqual(['b']);
      expect(ids(await uses.listUsesOfCredential({ ...which, limit: 1 }))).toEqual(['a']);
      expect(ids(await uses.listUsesOfCredential({ ...which, olderThan: 2n }))).toEqual(['a']);
    });

    test('versions of credentials are compared as numbers, however many digits they have', async () => {
      const beyondDouble = 2n ** 53n;
      const versions = { a: 9n, b: 10n, c: beyondDouble, d: beyondDouble + 1n };
      for (const [id, version] of Object.entries(versions)) {
        await insert(aSource({ id, credential: { ...aState(1), version } }));
      }
      const olderThan = async (version: bigint) =>
        ids(
          await uses.listUsesOfCredential({
            ...{ accountId: account, credentialId: 'credential', limit: 9, olderThan: version },
          }),
        );
      expect(await olderThan(10n)).toEqual(['a']);
      expect(await olderThan(100n)).toEqual(['a', 'b']);
      expect(await olderThan(beyondDouble + 1n)).toEqual(['a', 'b', 'c']);
    });

    test('connections are listed for their account alone, and sources are no connections', async () => {
      const times = { a: 1, b: 2, c: 2 };
      for (const [id, createdAtMs] of Object.entries(times)) {
        await insert(aConnection({ id, createdAtMs }));
      }
      await insert(aConnection({ id: 'theirs', accountId: 'other' }), aSource());
      await insert(aConnection({ id: 'gone', deleting }));
      const healthy = aConnection({ id: 'healthy', createdAtMs: 0, credential: aState(1) });
      await insert(healthy);
      const list = { accountId: account, status: undefined, limit: 2, after: undefined };
      expect(ids(await uses.listConnections(list))).toEqual(['c', 'b']);
      const second = await uses.listConnections({ ...list, after: { order: 2, id: 'b' } });
      expect(ids(second)).toEqual(['a', 'healthy']);
      expect(await uses.listConnections({ ...list, status: 'healthy' })).toEqual([healthy]);
    });

    test('connections are found by their ids, also those that are deleting', async () => {
      await insert(aConnection({ id: 'mine' }), aConnection({ id: 'gone', deleting }), aSource());
      const found = await uses.findConnections(['mine', 'gone', 'source', 'nobody']);
      expect(ids(found).sort()).toEqual(['gone', 'mine']);
    });

    test('the sources of a connection come by id, page by page', async () => {
      for (const id of ['c', 'a', 'b']) await insert(aSource({ id, authorizedConnectionId: 'x' }));
      const list = async (afterId?: string) =>
        ids(await uses.listBackedSources({ connectionId: 'x', afterId, limit: 2 }));
      expect(await list()).toEqual(['a', 'b']);
      expect(await list('b')).toEqual(['c']);
    });

    test('abandoned is what has been pending since before a time, and is not deleting', async () => {
      await insert(
        aSource({ id: 'older', pendingSinceMs: 10 }),
        aSource({ id: 'oldest', pendingSinceMs: 5 }),
        aSource({ id: 'young', pendingSinceMs: 20 }),
        aSource({ id: 'gone', pendingSinceMs: 1, deleting }),
        aSource({ id: 'authorized' }),
      );
      expect(ids(await uses.listAbandoned(20, 9))).toEqual(['oldest', 'older']);
      expect(ids(await uses.listAbandoned(20, 1))).toEqual(['oldest']);
    });

    test('what is deleting comes oldest mark first', async () => {
      await insert(
        aSource({ id: 'a', deleting: { userId: 'ada', sinceMs: 2 } }),
        aConnection({ id: 'b', deleting: { userId: 'ada', sinceMs: 1 } }),
        aSource({ id: 'c' }),
      );
      expect(ids(await uses.listDeleting(9))).toEqual(['b', 'a']);
      expect(ids(await uses.listDeleting(1))).toEqual(['b']);
    });
  });
}
