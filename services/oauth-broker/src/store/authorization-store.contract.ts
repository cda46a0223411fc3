import { expect, test } from 'vitest';
import { type Authorization, startExchange } from '../authorization/authorization.ts';
import type { AuthorizationStore } from './authorization-store.ts';

export function exampleAuthorization(changes: Partial<Authorization> = {}): Authorization {
  return {
    id: 'transaction',
    version: 1,
    accountId: 'acme',
    userId: 'ada',
    use: { kind: 'source', id: 'reports' },
    connectorId: 'orchard-drive',
    connectorIds: ['orchard-drive'],
    providerId: 'orchard',
    providerName: 'Orchard Drive',
    requestedScopes: ['files.read'],
    requiredScopes: ['files.read'],
    heals: [{ id: 'reports', name: 'Reports' }],
    returnTo: '/my-sources',
    switchIdentity: false,
    providerAccount: '',
    status: 'begun',
    createdAtMs: 1_000,
    updatedAtMs: 1_000,
    expiresAtMs: 601_000,
    stateHash: 'state-hash',
    ...changes,
  };
}

export type AuthorizationEngine = {
  /** Opens the same empty store again until `reset`. */
  open(): Promise<AuthorizationStore>;
  reset(): Promise<void>;
  /** Whether several replicas may have the store open at a time. */
  servesReplicas: boolean;
};

/** What every engine must do. */
export function testAuthorizationStore(name: string, engine: AuthorizationEngine): void {
  /** Two replicas, or one for both. */
  async function withStore(
    work: (store: AuthorizationStore, other: AuthorizationStore) => Promise<void>,
  ): Promise<void> {
    await engine.reset();
    const store = await engine.open();
    const other = engine.servesReplicas ? await engine.open() : store;
    try {
      await work(store, other);
    } finally {
      await store.close();
      if (other !== store) await other.close();
    }
  }
  const fifty = <T>(
    [store, other]: [AuthorizationStore, AuthorizationStore],
    work: (store: AuthorizationStore, index: number) => Promise<T>,
  ) =>
    Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => work(index % 2 === 0 ? store : other, index)),
    );

  test(`${name}: what was created is found by id and by state, and an id is taken once`, () =>
    withStore(async (store) => {
      const created = exampleAuthorization();
      await store.create(created);
      expect(await store.get('transaction')).toEqual(created);
      expect(await store.findByStateHash('state-hash')).toEqual(created);
      expect(await store.get('another')).toBeUndefined();
      expect(await store.findByStateHash('another')).toBeUndefined();
      await expect(store.create(created)).rejects.toMatchObject({ code: 'AUTHORIZATION_EXISTS' });
    }));

  test(`${name}: of fifty who create it at once one does, and the others are told`, () =>
    withStore(async (...replicas) => {
      const answers = await fifty(replicas, (store, index) =>
        store.create(exampleAuthorization({ userId: `user ${index}` })),
      );
      const lost = answers.filter((answer) => answer.status === 'rejected');
      expect(lost).toHaveLength(49);
      expect(new Set(lost.map(({ reason }) => reason.code))).toEqual(
        new Set(['AUTHORIZATION_EXISTS']),
      );
      const winner = answers.findIndex(({ status }) => status === 'fulfilled');
      expect(await replicas[0].get('transaction')).toMatchObject({ userId: `user ${winner}` });
    }));

  test(`${name}: of fifty callbacks at once exactly one may exchange`, () =>
    withStore(async (store, other) => {
      await store.create(exampleAuthorization());
      const answers = await fifty([store, other], (replica) =>
        replica.update('transaction', (current) => startExchange(current, 2_000)),
      );
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const lost = answers.filter((answer) => answer.status === 'rejected');
      expect(new Set(lost.map(({ reason }) => reason.code))).toEqual(
        new Set(['AUTHORIZATION_ENDED']),
      );
      expect(await store.get('transaction')).toMatchObject({ status: 'exchanging', version: 2 });
    }));

  test(`${name}: of fifty concurrent changes none is lost`, () =>
    withStore(async (store, other) => {
      await store.create(exampleAuthorization({ heals: [] }));
      const answers = await fifty([store, other], (replica, index) =>
        replica.update('transaction', (current) => ({
          ...current,
          version: 0,
          heals: [...current.heals, { id: String(index), name: '' }],
        })),
      );
      const versions = answers.map((one) => (one.status === 'fulfilled' ? one.value.version : 0));
      expect(new Set(versions)).toEqual(new Set(Array.from({ length: 50 }, (_, i) => i + 2)));
      const found = await store.get('transaction');
      expect(found?.version).toBe(51);
      expect(new Set(found?.heals.map(({ id }) => id)).size).toBe(50);
    }));

  test(`${name}: a transition that throws changes nothing, and there is none for an unknown id`, () =>
    withStore(async (store) => {
      await store.create(exampleAuthorization());
      const refuse = () => {
        throw new Error('refused');
      };
      await expect(store.update('transaction', refuse)).rejects.toThrow('refused');
      expect(await store.get('transaction')).toMatchObject({ version: 1 });
      await expect(store.update('another', (current) => current)).rejects.toMatchObject({
        code: 'AUTHORIZATION_NOT_FOUND',
      });
    }));

  test(`${name}: only the newest state finds it`, () =>
    withStore(async (store) => {
      await store.create(exampleAuthorization());
      await store.update('transaction', (current) => ({ ...current, stateHash: 'newer' }));
      expect(await store.findByStateHash('state-hash')).toBeUndefined();
      expect(await store.findByStateHash('newer')).toMatchObject({ id: 'transaction' });
      await store.update('transaction', (current) => ({ ...current, stateHash: undefined }));
      expect(await store.findByStateHash('newer')).toBeUndefined();
    }));

  test(`${name}: the newest of a source is found, and no other source's`, () =>
    withStore(async (store) => {
      for (const id of ['2', '3', '1'])
        await store.create(exampleAuthorization({ id, stateHash: id, parameters: { desk: id } }));
      const use = { kind: 'source', id: 'designs' } as const;
      await store.create(exampleAuthorization({ id: '4', stateHash: '4', use }));
      expect(await store.findNewestOfUse('reports')).toMatchObject({ parameters: { desk: '3' } });
      expect((await store.findNewestOfUse('designs'))?.id).toBe('4');
      expect(await store.findNewestOfUse('another')).toBeUndefined();
    }));

  test(`${name}: the untouched are listed oldest first, and only the finished are forgotten`, () =>
    withStore(async (store) => {
      const add = (id: string, status: Authorization['status'], updatedAtMs: number) =>
        store.create(exampleAuthorization({ id, status, updatedAtMs, stateHash: id }));
      await add('late', 'verifying', 300);
      await add('early', 'exchanging', 100);
      await add('middle', 'verifying', 200);
      await add('over', 'succeeded', 100);
      const untouched = await store.listUntouched({
        statuses: ['exchanging', 'verifying'],
        updatedBeforeMs: 300,
        limit: 10,
      });
      expect(untouched.map(({ id }) => id)).toEqual(['early', 'middle']);
      const which = { statuses: ['verifying'] as const, updatedBeforeMs: 1_000 };
      const oldest = await store.listUntouched({ ...which, limit: 1 });
      expect(oldest.map(({ id }) => id)).toEqual(['middle']);
      expect(await store.forget(100)).toBe(0);
      expect(await store.forget(1_000)).toBe(1);
      expect(await store.get('over')).toBeUndefined();
      expect(await store.get('early')).toBeDefined();
      await expect(store.update('over', (current) => current)).rejects.toMatchObject({
        code: 'AUTHORIZATION_NOT_FOUND',
      });
    }));

  test(`${name}: one that is touched in time is not forgotten`, () =>
    withStore(async (store, other) => {
      await store.create(exampleAuthorization({ updatedAtMs: 100 }));
      await other.update('transaction', (current) => ({ ...current, updatedAtMs: 1_000 }));
      expect(await store.forget(1_000)).toBe(0);
      expect(await store.forget(1_001)).toBe(1);
    }));

  test(`${name}: what resolved is there after the store was closed and opened again`, async () => {
    await engine.reset();
    const before = await engine.open();
    await before.create(exampleAuthorization());
    await before.update('transaction', (current) => startExchange(current, 2_000));
    await before.close();
    const after = await engine.open();
    expect(await after.get('transaction')).toMatchObject({ status: 'exchanging' });
    await after.close();
  });
}
