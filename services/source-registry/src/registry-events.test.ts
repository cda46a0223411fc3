import type { CloudEvent } from '@credential-renewal/events';
import { buildEvent } from '@credential-renewal/events';
import { CredentialState, CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { Role, type User } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  addConnection,
  addSource,
  addWorkspace,
  present,
  type RegistryHarness,
  signIn,
  startRegistryHarness,
  stateOf,
} from './registry-harness.ts';

let registry: RegistryHarness;
const published: CloudEvent[] = [];
beforeAll(async () => {
  registry = await startRegistryHarness();
  await registry.eventLog.tail({
    topics: ['source.credential-state'],
    from: 'start',
    handle: ({ event }) => {
      published.push(event);
    },
  });
});
afterAll(() => registry.stop());

const { EXPIRED, HEALTHY } = CredentialStatus;
const code = (expected: string) => expect.objectContaining({ code: expected });

function eventsOf(useId: string): CloudEvent[] {
  return published.filter((event) => event.partitionkey === useId);
}

async function statusOf(user: User, sourceId: string) {
  const { source } = await registry.rpc.getSource({ callerUserId: user.id, sourceId });
  return source?.credential?.status;
}

function attach(sourceId: string, state: CredentialState) {
  return registry.rpc.attachCredential({ use: { $case: 'sourceId', value: sourceId }, state });
}

function publishState(state: CredentialState | undefined, credentialId: string, sequence: number) {
  const event = buildEvent({
    source: '/credential-vault',
    topic: 'credential.state',
    subject: credentialId,
    key: credentialId,
    sequence,
    schema: 'CredentialState',
    data: state ? CredentialState.toJSON(state) : null,
    nowMs: registry.clock.nowMs(),
  });
  return registry.eventLog.publish([event]);
}

async function actionsOf(user: User, sourceId: string) {
  const { entries } = await registry.rpc.listAuditEntries({
    callerUserId: user.id,
    subject: { $case: 'sourceId', value: sourceId },
    pageSize: 0,
    pageToken: '',
  });
  return entries.map(({ action }) => action);
}

test('each change of a source is published once, in order and without gaps, and ends with a tombstone', async () => {
  const ada = await signIn(registry, 'Ada');
  const source = await addSource(registry, ada);
  await attach(source.id, stateOf(ada, 'cred-1', 1));
  await attach(source.id, stateOf(ada, 'cred-1', 1));
  await registry.rpc.applyCredentialState({
    state: stateOf(ada, 'cred-1', 2, { status: EXPIRED, episodeId: 'episode' }),
    accountSwitched: false,
  });
  await registry.rpc.reportSourceSynced({
    accountId: source.accountId,
    sourceId: source.id,
    syncedAt: new Date(registry.clock.nowMs()),
  });
  await registry.rpc.deleteSource({ callerUserId: ada.id, sourceId: source.id });

  await vi.waitFor(() => expect(eventsOf(source.id)).toHaveLength(4));
  const events = eventsOf(source.id);
  expect(events.map((event) => Number(event.sequence))).toEqual([1, 2, 3, 4]);
  expect(events.map((event) => event.data?.['status'])).toEqual([
    undefined,
    'CREDENTIAL_STATUS_HEALTHY',
    'CREDENTIAL_STATUS_EXPIRED',
    undefined,
  ]);
  expect(events[2]?.data).toMatchObject({ creatorId: ada.id, episodeId: 'episode', version: '3' });
  expect(events[3]?.data).toBeNull();
  expect(JSON.stringify(events)).not.toContain('@example.com');
});

test('states that come twice or out of order leave the newest, and the history tells each step once', async () => {
  const ada = await signIn(registry, 'Ada');
  const sources = [await addSource(registry, ada), await addSource(registry, ada)];
  for (const { id } of sources) await attach(id, stateOf(ada, 'cred-2', 1));
  const states = [3, 2, 3, 1].map((version) =>
    stateOf(ada, 'cred-2', version, { status: version === 3 ? EXPIRED : HEALTHY }),
  );
  for (const state of states) {
    await registry.rpc.applyCredentialState({ state, accountSwitched: false });
  }
  for (const { id } of sources) {
    expect(await statusOf(ada, id)).toBe(EXPIRED);
    expect(await actionsOf(ada, id)).toEqual([
      'credential.expired',
      'credential.authorized',
      'source.created',
    ]);
  }
});

test('a state that arrived before the credential was attached is not lost', async () => {
  const ada = await signIn(registry, 'Ada');
  const source = await addSource(registry, ada);
  await registry.rpc.applyCredentialState({
    state: stateOf(ada, 'cred-3', 2, { status: EXPIRED }),
    accountSwitched: false,
  });
  await attach(source.id, stateOf(ada, 'cred-3', 1));
  expect(await statusOf(ada, source.id)).toBe(EXPIRED);
});

test('a state of another account that names the credential changes nothing', async () => {
  const ada = await signIn(registry, 'Ada');
  const eve = await signIn(registry, 'Eve', { account: 'evil' });
  const source = await addSource(registry, ada);
  await attach(source.id, stateOf(ada, 'cred-4', 1));
  const state = stateOf(eve, 'cred-4', 9, { status: EXPIRED });
  await registry.rpc.applyCredentialState({ state, accountSwitched: false });
  expect(await statusOf(ada, source.id)).toBe(HEALTHY);
  await expect(attach(source.id, stateOf(eve, 'cred-5', 1))).rejects.toEqual(
    code('SOURCE_NOT_FOUND'),
  );
});

test('a state from the event log reaches the source, and a tombstone leaves it waiting for a new authorization', async () => {
  const ada = await signIn(registry, 'Ada');
  const source = await addSource(registry, ada);
  await attach(source.id, stateOf(ada, 'cred-6', 1));
  await publishState(stateOf(ada, 'cred-6', 2, { status: EXPIRED }), 'cred-6', 1);
  await vi.waitFor(async () => expect(await statusOf(ada, source.id)).toBe(EXPIRED));
  await publishState(undefined, 'cred-6', 2);
  await vi.waitFor(async () => expect(await statusOf(ada, source.id)).toBeUndefined());
  expect((await actionsOf(ada, source.id))[0]).toBe('credential.gone');
});

test('a deleted source is gone at once, and the sweep finds it until the deletion is complete', async () => {
  const ada = await signIn(registry, 'Ada');
  const [kept, dropped] = [await addSource(registry, ada), await addSource(registry, ada)];
  for (const { id } of [kept, dropped]) await attach(id, stateOf(ada, 'cred-7', 1));
  const remove = (sourceId: string) =>
    registry.rpc.deleteSource({ callerUserId: ada.id, sourceId });
  const deleting = async () => {
    const { uses } = await registry.rpc.listDeletingUses({ limit: 1_000 });
    return uses.filter(({ credentialId }) => credentialId === 'cred-7');
  };
  const complete = (value: string) =>
    registry.rpc.completeDeletion({ use: { $case: 'sourceId', value } });

  await remove(dropped.id);
  await expect(statusOf(ada, dropped.id)).rejects.toEqual(code('SOURCE_NOT_FOUND'));
  await expect(remove(dropped.id)).rejects.toEqual(code('SOURCE_NOT_FOUND'));
  expect(await deleting()).toMatchObject([{ lastUse: false, userId: ada.id }]);
  await remove(kept.id);
  expect(await deleting()).toMatchObject([{ lastUse: true }, { lastUse: true }]);
  for (const { id } of [kept, dropped]) await complete(id);
  await complete(kept.id);
  expect(await deleting()).toEqual([]);
  const alive = await addSource(registry, ada);
  await expect(complete(alive.id)).rejects.toEqual(code('USE_NOT_DELETING'));
});

test('a connection with sources stays; of a deletion and a new source at the same time one is refused', async () => {
  const admin = await signIn(registry, 'Root', { role: Role.ADMIN });
  const ada = await signIn(registry, 'Ada');
  for (let round = 0; round < 20; round++) {
    const connection = await addConnection(registry, admin);
    const authorizedConnectionId = connection.id;
    await registry.rpc.attachCredential({
      use: { $case: 'authorizedConnectionId', value: connection.id },
      state: stateOf(admin, `cred-race-${round}`, 1),
    });
    const [created, deleted] = await Promise.allSettled([
      addSource(registry, ada, { authorizedConnectionId }),
      registry.rpc.deleteAuthorizedConnection({ callerUserId: admin.id, authorizedConnectionId }),
    ]);
    const refused = created.status === 'rejected' ? created : deleted;
    expect([created.status, deleted.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect(['CONNECTION_IN_USE', 'CONNECTION_NOT_FOUND']).toContain(
      refused.status === 'rejected' ? refused.reason.code : undefined,
    );
  }
});

test('a connection that gets another credential takes the sources it backs along', async () => {
  const admin = await signIn(registry, 'Root', { role: Role.ADMIN });
  const ada = await signIn(registry, 'Ada');
  const connection = await addConnection(registry, admin);
  const attachConnection = (credentialId: string) =>
    registry.rpc.attachCredential({
      use: { $case: 'authorizedConnectionId', value: connection.id },
      state: stateOf(admin, credentialId, 1),
    });
  await attachConnection('cred-8');
  const source = await addSource(registry, ada, { authorizedConnectionId: connection.id });
  await attachConnection('cred-9');
  const { accountId, id: sourceId } = source;
  expect(await registry.rpc.resolveCredential({ accountId, sourceId })).toEqual({
    credentialId: 'cred-9',
  });
});

test('a source that nobody authorized for a day vanishes; setting about it again keeps it', async () => {
  const ada = await signIn(registry, 'Ada');
  const [left, resumed] = [await addSource(registry, ada), await addSource(registry, ada)];
  registry.clock.advance(23 * 3_600_000);
  await registry.rpc.authorizeFirstAuthorization({
    callerUserId: ada.id,
    use: { $case: 'sourceId', value: resumed.id },
  });
  registry.clock.advance(2 * 3_600_000);
  await registry.restart();
  await vi.waitFor(() => expect(statusOf(ada, left.id)).rejects.toEqual(code('SOURCE_NOT_FOUND')));
  expect(await statusOf(ada, resumed.id)).toBeUndefined();
});

test('1,000 sources of one credential are listed page by page and healed together, quickly', async () => {
  const ada = await signIn(registry, 'Bulk');
  const workspace = await addWorkspace(registry, ada);
  const created = await Promise.all(
    Array.from({ length: 1_000 }, () => addSource(registry, ada, { workspaceId: workspace.id })),
  );
  await Promise.all(created.map(({ id }) => attach(id, stateOf(ada, 'cred-bulk', 1))));
  const state = stateOf(ada, 'cred-bulk', 2, { status: EXPIRED });
  await registry.rpc.applyCredentialState({ state, accountSwitched: false });

  const seen: string[] = [];
  let pageToken = '';
  const startedMs = performance.now();
  do {
    const page = await registry.rpc.listSources({
      callerUserId: ada.id,
      workspaceId: workspace.id,
      status: 'expired',
      pageSize: 200,
      pageToken,
    });
    seen.push(...page.sources.map(({ id }) => id));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  const listedMs = performance.now() - startedMs;
  expect(new Set(seen).size).toBe(1_000);
  expect(seen).toHaveLength(1_000);
  expect(listedMs).toBeLessThan(2_000);
  const { workspaces } = await registry.rpc.listWorkspaces({
    callerUserId: ada.id,
    pageSize: 0,
    pageToken: '',
  });
  expect(present(workspaces[0])).toMatchObject({ sourceCount: 1_000, needsRenewalCount: 1_000 });
});
