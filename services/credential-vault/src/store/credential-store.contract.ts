import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Credential } from '../credential.ts';
import { recordChange } from '../credential-events.ts';
import {
  hourMs,
  minuteMs,
  sampleCredential,
  samplePolicy,
  sampleTokens,
  sealedUnder,
  startMs,
} from '../testing/sample.ts';
import type { CredentialStore, DataKeyPlace } from './credential-store.ts';
import type { VaultStores } from './open-vault-stores.ts';
import type { EmptyVault } from './vault-stores.contract.ts';

/** What `credential-store.ts` promises, for any engine. */
export function credentialStoreContract(makeEmpty: () => Promise<EmptyVault>): void {
  let vault: EmptyVault;
  let stores: VaultStores;
  let store: CredentialStore;
  beforeEach(async () => {
    vault = await makeEmpty();
    stores = await vault.open();
    store = stores.credentials;
  });
  afterEach(async () => {
    await stores.close();
    await vault.dispose();
  });

  const insert = async (overrides: Partial<Credential> = {}) => {
    const { credential, events } = recordChange(undefined, sampleCredential(overrides), startMs);
    expect(await store.insert(credential, events)).toBe(true);
    return credential;
  };
  const another = (id: string, overrides: Partial<Credential> = {}) =>
    insert({ id, joinKey: id, ...overrides });
  const bump = (credential: Credential) => ({
    credential: { ...credential, attempts: credential.attempts + 1 },
    events: [],
  });

  test('a credential comes back as it was stored', async () => {
    const credential = await insert();
    expect(await store.find(credential.id)).toEqual(credential);
    expect(await store.findByJoinKey(credential.joinKey)).toEqual(credential);
    expect(await store.find('nobody')).toBeUndefined();
  });

  test('of many ids those that are there are found, and none that was removed', async () => {
    const first = await insert();
    const second = await another('second');
    const gone = await another('gone');
    await store.remove(gone.id, gone.version, []);
    const found = await store.findMany(['nobody', second.id, gone.id, first.id]);
    expect(found.sort((one, other) => one.id.localeCompare(other.id))).toEqual(
      [first, second].sort((one, other) => one.id.localeCompare(other.id)),
    );
    expect(await store.findMany([])).toEqual([]);
  });

  test('credentials are counted by provider and state, as they are now', async () => {
    expect(await store.countByStatus()).toEqual([]);
    const first = await insert();
    await another('second');
    await another('third', { policy: { ...samplePolicy, providerId: 'revolve' } });
    await store.update('second', (credential) => ({
      credential: { ...credential, status: 'expired' },
      events: [],
    }));
    const counted = async () =>
      (await store.countByStatus()).map(
        ({ providerId, status, count }) => `${providerId} ${status} ${count}`,
      );
    expect((await counted()).sort()).toEqual([
      'orchard expired 1',
      'orchard healthy 1',
      'revolve healthy 1',
    ]);
    await store.remove(first.id, first.version, []);
    expect((await counted()).sort()).toEqual(['orchard expired 1', 'revolve healthy 1']);
    // What is refused counts nothing.
    await store.insert(sampleCredential({ id: 'second', joinKey: 'taken', status: 'delayed' }), []);
    await store.remove('third', 99, []);
    const moved = store.update('third', (credential) => {
      throw new RangeError(credential.id);
    });
    await expect(moved).rejects.toThrow('third');
    await store.update('third', (credential) => ({
      credential: { ...credential, policy: samplePolicy, status: 'expired' },
      events: [],
    }));
    expect(await counted()).toEqual(['orchard expired 2']);
  });

  test('an id or a join key is taken once, and a refused insert leaves no event', async () => {
    const credential = await insert();
    const { events } = recordChange(undefined, sampleCredential(), startMs);
    expect(await store.insert(sampleCredential({ joinKey: 'other' }), events)).toBe(false);
    expect(await store.insert(sampleCredential({ id: 'other' }), events)).toBe(false);
    expect(await store.outbox.pending(10)).toHaveLength(1);
    expect(await store.find(credential.id)).toEqual(credential);
  });

  test('a change to a join key that is taken fails, and neither it nor its events are there', async () => {
    const taken = await insert();
    const { id } = await another('second');
    const events = await store.outbox.pending(10);
    const change = store.update(id, (credential) =>
      recordChange(
        credential,
        { ...credential, joinKey: taken.joinKey, status: 'expired' },
        startMs,
      ),
    );
    await expect(change).rejects.toThrow();
    expect(await store.find(id)).toMatchObject({ joinKey: 'second', status: 'healthy' });
    expect(await store.outbox.pending(10)).toHaveLength(events.length);
    // And others are none the worse for it.
    expect(await store.update(id, bump)).toMatchObject({ attempts: 1 });
  });

  test('fifty writers at once lose no change, and each version is one writer’s', async () => {
    const { id } = await insert();
    const changed = await Promise.all(Array.from({ length: 50 }, () => store.update(id, bump)));
    expect((await store.find(id))?.attempts).toBe(50);
    expect(new Set(changed.map((credential) => credential?.version)).size).toBe(50);
  });

  test('of fifty conditional writers one wins', async () => {
    const { id } = await insert();
    const take = (owner: string) =>
      store.update(id, (credential) =>
        credential.lease
          ? undefined
          : {
              credential: {
                ...credential,
                lease: { owner, purpose: 'refresh', fence: 1, expiresAtMs: 1 },
              },
              events: [],
            },
      );
    await Promise.all(Array.from({ length: 50 }, (_, index) => take(`broker-${index}`)));
    expect((await store.find(id))?.version).toBe(2);
  });

  test('a transition that throws changes nothing and says why', async () => {
    const credential = await insert();
    const refuse = () => {
      throw new Error('not like this');
    };
    await expect(store.update(credential.id, refuse)).rejects.toThrow('not like this');
    expect(await store.find(credential.id)).toEqual(credential);
  });

  test('a change and its events are durable together', async () => {
    const credential = await insert();
    await store.update(credential.id, (before) =>
      recordChange(before, { ...before, status: 'delayed' }, startMs),
    );
    await stores.close();
    stores = await vault.open();
    expect((await stores.credentials.find(credential.id))?.status).toBe('delayed');
    const pending = await stores.credentials.outbox.pending(10);
    expect(pending.map(({ event }) => Number(event.sequence))).toEqual([1, 2]);
  });

  test('removing takes the expected version, and the tombstone stays in the outbox', async () => {
    const credential = await insert();
    expect(await store.remove(credential.id, credential.version + 1, [])).toBe(false);
    expect(await store.remove(credential.id, credential.version, [])).toBe(true);
    expect(await store.find(credential.id)).toBeUndefined();
    expect(await store.outbox.pending(10)).toHaveLength(1);
  });

  test('due credentials come nearest deadline first, without those that somebody holds', async () => {
    const lease = {
      owner: 'b',
      purpose: 'refresh',
      fence: 1,
      expiresAtMs: startMs + 2 * minuteMs,
    } as const;
    await another('later', { nextAttemptAtMs: startMs + 2 });
    await another('sooner', { nextAttemptAtMs: startMs + 1 });
    await another('held', { nextAttemptAtMs: startMs, lease });
    await another('not-yet', { nextAttemptAtMs: startMs + hourMs });
    await another('never', { nextAttemptAtMs: undefined });
    const due = await store.listDue(startMs + minuteMs, { limit: 10 });
    expect(due.map(({ id }) => id)).toEqual(['sooner', 'later']);
    expect(due[0]).toMatchObject({ providerId: 'orchard', clientId: 'our-client' });
    expect(await store.nextDueMs(startMs + minuteMs)).toBe(startMs + 2 * minuteMs);
  });

  test('what is due at one provider does not hide what is due elsewhere', async () => {
    const at = (providerId: string) => ({ policy: { ...samplePolicy, providerId } });
    await another('slow-1', { ...at('slow'), nextAttemptAtMs: startMs });
    await another('slow-2', { ...at('slow'), nextAttemptAtMs: startMs + 1 });
    await another('slower', { ...at('slower'), nextAttemptAtMs: startMs + 2 });
    await another('quick-2', { ...at('quick'), nextAttemptAtMs: startMs + 4 });
    await another('quick-1', { ...at('quick'), nextAttemptAtMs: startMs + 3 });
    const idsWithout = async (...excludedProviderIds: string[]) =>
      (await store.listDue(startMs + minuteMs, { limit: 2, excludedProviderIds })).map(
        ({ id }) => id,
      );
    expect(await idsWithout()).toEqual(['slow-1', 'slow-2']);
    expect(await idsWithout('slow')).toEqual(['slower', 'quick-1']);
    expect(await idsWithout('slow', 'slower')).toEqual(['quick-1', 'quick-2']);
    expect(await idsWithout('slow', 'slower', 'quick')).toEqual([]);
  });

  test('those that time may change are found by their moment', async () => {
    await another('ticks', { nextTickAtMs: startMs });
    await another('rests', { nextTickAtMs: undefined });
    expect(await store.listTicks(startMs, 10)).toEqual(['ticks']);
  });

  test('a success of another account, since, with the same client and provider, is seen', async () => {
    await another('failing', { failures: 1 });
    const client = { providerId: 'orchard', clientId: 'our-client', except: 'acme' };
    const worked = (sinceMs: number) => store.accountsWorkedSince(client, sinceMs, 10);
    await another('own-account', { lastRefreshedAtMs: startMs + 5 });
    await another('other-provider', {
      accountId: 'globex',
      lastRefreshedAtMs: startMs + 5,
      policy: { ...samplePolicy, providerId: 'revolve' },
    });
    expect(await worked(startMs)).toEqual([]);
    await another('other-account', { accountId: 'globex', lastRefreshedAtMs: startMs + 5 });
    await another('other-account-again', { accountId: 'globex', lastRefreshedAtMs: startMs + 6 });
    expect(await worked(startMs + 6)).toEqual(['globex']);
    expect(await worked(startMs + 7)).toEqual([]);
    const all = { providerId: 'orchard', clientId: 'our-client' };
    expect((await store.accountsWorkedSince(all, startMs, 10)).sort()).toEqual(['acme', 'globex']);
    expect(await store.accountsWorkedSince(all, startMs, 1)).toEqual(['globex']);
  });

  test('accounts for which the client is refused are seen, as long as nothing was decided', async () => {
    const client = { providerId: 'orchard', clientId: 'our-client', except: 'acme' };
    const refused = { failures: 1, clientRefusedSinceMs: startMs };
    await another('own-account', refused);
    await another('decided', { ...refused, accountId: 'initech', status: 'expired' });
    await another('works', { accountId: 'umbrella' });
    expect(await store.accountsRefusingClient(client, 10)).toEqual([]);
    await another('other-account', { ...refused, accountId: 'globex' });
    await another('other-account-too', { ...refused, accountId: 'globex' });
    expect(await store.accountsRefusingClient(client, 10)).toEqual(['globex']);
  });

  test('those whose verdicts are held are listed by their client, longest first', async () => {
    const client = { providerId: 'orchard', clientId: 'our-client' };
    const reason = { code: 'access_withdrawn', resolver: 'user', evidence: undefined } as const;
    const heldSince = (sinceMs: number) => ({ held: { reason, sinceMs } });
    await another('later', heldSince(startMs + 1));
    await another('first', { ...heldSince(startMs), accountId: 'globex' });
    await another('not', {});
    await another('of-another', {
      ...heldSince(startMs),
      policy: { ...samplePolicy, clientId: 'sandbox' },
    });
    expect(await store.listHeld(client, 10)).toEqual([
      { id: 'first', accountId: 'globex' },
      { id: 'later', accountId: 'acme' },
    ]);
    expect(await store.listHeld(client, 1)).toHaveLength(1);
    expect(await store.countHeld(client, 10)).toBe(2);
    expect(await store.countHeld(client, 1)).toBe(1);
  });

  test('those with a token under an older data key are listed page by page, oldest key first, and counted to a limit', async () => {
    const under = (accessKey: string, refreshKey = accessKey) =>
      sampleTokens('any', startMs, {
        accessToken: sealedUnder(accessKey),
        refreshToken: sealedUnder(refreshKey),
      });
    await another('newest', { tokens: under('key-3') });
    await another('half', { tokens: under('key-3', 'key-2') });
    await another('spare', { tokens: under('key-3'), spare: under('key-1') });
    await another('old-b', { tokens: under('key-1') });
    await another('unreadable', { tokens: { ...under('key-3'), accessToken: sealedUnder('') } });
    const listed: string[] = [];
    let place: DataKeyPlace | undefined;
    do {
      const page = await store.listOlderDataKey('key-3', place, 2);
      listed.push(...page.map(({ id }) => id));
      place = page.at(-1);
    } while (place);
    expect(listed).toEqual(['unreadable', 'old-b', 'spare', 'half']);
    expect(await store.countOlderDataKey('key-3', 10)).toBe(4);
    expect(await store.countOlderDataKey('key-3', 3)).toBe(3);
    await store.update('old-b', (credential) => ({
      credential: { ...credential, tokens: under('key-3') },
      events: [],
    }));
    expect(await store.countOlderDataKey('key-2', 10)).toBe(2);
    await store.remove('half', 1, []);
    expect(await store.countOlderDataKey('key-3', 10)).toBe(2);
  });

  test('a grant is shared while another living credential has its client and identity', async () => {
    const credential = await another('one');
    expect(await store.grantIsShared(credential)).toBe(false);
    await another('two', { accountId: 'globex' });
    expect(await store.grantIsShared(credential)).toBe(true);
    const revocation = { startedAtMs: startMs, nextAtMs: startMs, failures: 0 };
    await store.update('two', (two) => ({
      credential: { ...two, status: 'revoking', revocation },
      events: [],
    }));
    expect(await store.grantIsShared(credential)).toBe(false);
    expect((await store.listRevocations(startMs, 10)).map(({ id }) => id)).toEqual(['two']);
  });
}
