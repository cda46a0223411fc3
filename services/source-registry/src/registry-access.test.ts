import {
  type AuthorizeRenewalRequest,
  ConnectorKind,
  SetWorkspaceMemberRequest_Membership as Membership,
  Recipient_Why,
  Role,
  type User,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  addConnection,
  addSource,
  addWorkspace,
  drive,
  present,
  type RegistryHarness,
  signIn,
  slack,
  startRegistryHarness,
  stateOf,
} from './registry-harness.ts';

let registry: RegistryHarness;
beforeAll(async () => {
  registry = await startRegistryHarness();
});
afterAll(() => registry.stop());

const code = (expected: string) => expect.objectContaining({ code: expected });

/** A workspace of Ada's with Max in it; an administrator; a stranger of the account; one of another account. */
async function cast() {
  const ada = await signIn(registry, 'Ada');
  const max = await signIn(registry, 'Max');
  const stranger = await signIn(registry, 'Sam');
  const admin = await signIn(registry, 'Root', { role: Role.ADMIN });
  const foreigner = await signIn(registry, 'Eve', { role: Role.ADMIN, account: 'evil' });
  const workspace = await addWorkspace(registry, ada);
  await setMember(ada, workspace.id, max, Membership.MEMBER);
  const source = await addSource(registry, ada, { workspaceId: workspace.id });
  return { ada, max, stranger, admin, foreigner, workspace, source };
}

function setMember(by: User, workspaceId: string, user: User, membership: Membership) {
  return registry.rpc.setWorkspaceMember({
    callerUserId: by.id,
    workspaceId,
    userId: user.id,
    membership,
  });
}

function renew(caller: User, entryPoint: AuthorizeRenewalRequest['entryPoint']) {
  return registry.rpc.authorizeRenewal({ callerUserId: caller.id, entryPoint });
}

const mySources = (sourceId: string) => ({ $case: 'mySources' as const, value: { sourceId } });
const inWorkspace = (workspaceId: string, sourceId: string) => ({
  $case: 'workspace' as const,
  value: { workspaceId, sourceId },
});
const connections = (authorizedConnectionId: string) => ({
  $case: 'authorizedConnections' as const,
  value: { authorizedConnectionId },
});

test('a source does not exist for another account and for strangers; members see it and who can renew it', async () => {
  const { ada, max, stranger, admin, foreigner, source } = await cast();
  const get = (user: User) =>
    registry.rpc.getSource({ callerUserId: user.id, sourceId: source.id });
  await expect(get(foreigner)).rejects.toEqual(code('SOURCE_NOT_FOUND'));
  await expect(get(stranger)).rejects.toEqual(code('SOURCE_NOT_FOUND'));
  expect((await get(ada)).source).toMatchObject({ canRenew: true, canDelete: true });
  for (const user of [max, admin]) {
    expect((await get(user)).source).toMatchObject({
      canRenew: false,
      renewableBy: [{ id: ada.id, name: 'Ada' }],
    });
  }
});

test('the creator renews from both entry points; who sees the source is forbidden, who does not finds nothing', async () => {
  const { ada, max, stranger, admin, foreigner, workspace, source } = await cast();
  for (const entry of [mySources(source.id), inWorkspace(workspace.id, source.id)]) {
    expect(await renew(ada, entry)).toMatchObject({
      use: { id: source.id, name: 'Docs' },
      heals: [{ id: source.id, name: 'Docs' }],
      connectorIds: ['google-drive'],
    });
    await expect(renew(max, entry)).rejects.toEqual(code('RENEWAL_FORBIDDEN'));
    await expect(renew(admin, entry)).rejects.toEqual(code('RENEWAL_FORBIDDEN'));
  }
  await expect(renew(stranger, mySources(source.id))).rejects.toEqual(code('SOURCE_NOT_FOUND'));
  await expect(renew(foreigner, mySources(source.id))).rejects.toEqual(code('SOURCE_NOT_FOUND'));
  const foreign = renew(foreigner, inWorkspace(workspace.id, source.id));
  await expect(foreign).rejects.toEqual(code('WORKSPACE_NOT_FOUND'));
});

test('a source is not found through a workspace that it is not in, nor by a creator who is no member any more', async () => {
  const { ada, workspace, source } = await cast();
  const other = await addWorkspace(registry, ada);
  const wrong = renew(ada, inWorkspace(other.id, source.id));
  await expect(wrong).rejects.toEqual(code('SOURCE_NOT_FOUND'));
  await setMember(ada, workspace.id, ada, Membership.NONE);
  const outside = renew(ada, inWorkspace(workspace.id, source.id));
  await expect(outside).rejects.toEqual(code('WORKSPACE_NOT_FOUND'));
  expect(await renew(ada, mySources(source.id))).toMatchObject({ use: { id: source.id } });
});

test('a source that a connection backs is renewed through the connection alone, which heals them all', async () => {
  const { ada, admin } = await cast();
  const deputy = await signIn(registry, 'Deputy', { role: Role.ADMIN });
  const connection = await addConnection(registry, admin);
  const backing = { authorizedConnectionId: connection.id };
  await expect(addSource(registry, ada, backing)).rejects.toEqual(code('CONNECTION_PENDING'));
  await registry.rpc.attachCredential({
    use: { $case: 'authorizedConnectionId', value: connection.id },
    state: stateOf(admin, 'cred-shared', 1),
  });
  const source = await addSource(registry, ada, backing);
  expect(source).toMatchObject({
    credential: { credentialId: 'cred-shared' },
    canRenew: false,
    renewableBy: [{ name: 'Root' }],
  });
  await expect(renew(ada, mySources(source.id))).rejects.toEqual(code('RENEWAL_FORBIDDEN'));
  await expect(renew(deputy, connections(connection.id))).rejects.toEqual(
    code('RENEWAL_FORBIDDEN'),
  );
  const share = (by: User, userIds: string[]) =>
    registry.rpc.shareAuthorizedConnection({
      callerUserId: by.id,
      authorizedConnectionId: connection.id,
      userIds,
    });
  await expect(share(deputy, [deputy.id])).rejects.toEqual(code('SHARING_FORBIDDEN'));
  await expect(share(admin, [ada.id])).rejects.toThrow(/^user_ids\[0\]: /);
  await share(admin, [deputy.id]);
  expect(await renew(deputy, connections(connection.id))).toMatchObject({
    credentialId: 'cred-shared',
    heals: [{ id: connection.id }, { id: source.id }],
    connectorIds: ['slack-enterprise'],
  });
  const described = await registry.rpc.describeCredentialUses({
    accountId: source.accountId,
    credentialId: 'cred-shared',
    administrators: false,
  });
  expect(described.uses.map((use) => use.recipients.map(({ name }) => name))).toEqual([
    ['Root', 'Deputy'],
    ['Root', 'Deputy'],
  ]);
});

test('who administers is told where it was asked for: the workspace’s, or else the account’s', async () => {
  const { ada, max, admin, workspace, source } = await cast();
  await registry.rpc.attachCredential({
    use: { $case: 'sourceId', value: source.id },
    state: stateOf(ada, 'cred-of-ada', 1),
  });
  const describe = (administrators: boolean) =>
    registry.rpc.describeCredentialUses({
      ...{ accountId: source.accountId, credentialId: 'cred-of-ada', administrators },
    });
  const names = (people: { name: string; why: Recipient_Why }[]) =>
    people.map(({ name, why }) => [name, why]);
  const unasked = await describe(false);
  expect([unasked.administrators, unasked.uses[0]?.administrators]).toEqual([[], []]);

  await setMember(ada, workspace.id, max, Membership.ADMIN);
  const asked = await describe(true);
  expect(names(asked.administrators)).toContainEqual([admin.name, Recipient_Why.ADMINISTRATOR]);
  const ofWorkspace = names(asked.uses[0]?.administrators ?? []);
  expect(ofWorkspace).toContainEqual([max.name, Recipient_Why.ADMINISTRATOR]);
  expect(ofWorkspace.map(([name]) => name)).not.toContain(admin.name);
});

test('only administrators add connections; everybody of the account sees them, nobody else', async () => {
  const { ada, admin, foreigner } = await cast();
  await expect(addConnection(registry, ada)).rejects.toEqual(code('ADMINISTRATOR_REQUIRED'));
  const connection = await addConnection(registry, admin);
  const list = async (user: User) => {
    const page = { callerUserId: user.id, status: '', pageSize: 200, pageToken: '' };
    const { authorizedConnections } = await registry.rpc.listAuthorizedConnections(page);
    return authorizedConnections.map(({ id }) => id);
  };
  expect(await list(ada)).toContain(connection.id);
  expect(await list(foreigner)).toEqual([]);
});

test('once the creator has left, an administrator of the workspace takes the source over, and it is written down', async () => {
  const { ada, max, admin, workspace, source } = await cast();
  const takeOver = (user: User) =>
    registry.rpc.takeOverSource({ callerUserId: user.id, sourceId: source.id });
  await setMember(ada, workspace.id, max, Membership.ADMIN);
  await expect(takeOver(max)).rejects.toEqual(code('TAKE_OVER_FORBIDDEN'));
  const left = (by: User, value: boolean) =>
    registry.rpc.setUserLeft({ callerUserId: by.id, userId: ada.id, left: value });
  await expect(left(max, true)).rejects.toEqual(code('ADMINISTRATOR_REQUIRED'));
  await left(admin, true);
  await expect(signIn(registry, 'Ada')).rejects.toEqual(code('USER_LEFT'));
  await expect(renew(ada, mySources(source.id))).rejects.toEqual(code('USER_LEFT'));

  expect((await takeOver(max)).source).toMatchObject({ creator: { name: 'Max' }, canRenew: true });
  const { entries } = await registry.rpc.listAuditEntries({
    callerUserId: max.id,
    subject: { $case: 'sourceId', value: source.id },
    pageSize: 1,
    pageToken: '',
  });
  expect(entries[0]?.text).toBe('Max took the source over from Ada, who has left.');
  await left(admin, false);
  await expect(renew(ada, mySources(source.id))).rejects.toEqual(code('RENEWAL_FORBIDDEN'));
});

test('a personal connector takes no connection, an enterprise one wants its own', async () => {
  const { ada, admin } = await cast();
  const connection = await addConnection(registry, admin);
  const create = (connector: typeof drive, authorizedConnectionId?: string) =>
    registry.rpc.createSource({
      callerUserId: ada.id,
      connector,
      name: 'Docs',
      authorizedConnectionId,
    });
  await expect(create(drive, connection.id)).rejects.toThrow(/authorized_connection_id/);
  await expect(create(slack)).rejects.toThrow(/authorized_connection_id/);
  const other = { ...slack, id: 'jira', name: 'Jira' };
  await expect(create(other, connection.id)).rejects.toEqual(code('CONNECTION_MISMATCHED'));
});

test('bad input is refused by the name of its field', async () => {
  const { ada } = await cast();
  const page = { callerUserId: ada.id, status: '', pageSize: 0, pageToken: '' };
  const { rpc } = registry;
  await expect(rpc.listSources({ ...page, pageToken: 'x' })).rejects.toThrow(/^page_token/);
  await expect(rpc.listSources({ ...page, pageSize: 201 })).rejects.toThrow(/^page_size/);
  await expect(rpc.listSources({ ...page, status: 'dead' })).rejects.toThrow(/^status/);
  await expect(renew(ada, undefined)).rejects.toThrow(/^entry_point/);
  const kind = ConnectorKind.UNSPECIFIED;
  const create = { callerUserId: ada.id, name: '', connector: { ...drive, kind } };
  await expect(rpc.createSource(create)).rejects.toThrow(/name: .*connector\.kind: /);
  await expect(rpc.getUser({ userId: 'nobody' })).rejects.toEqual(code('USER_NOT_FOUND'));
});

test('50 first sign-ins of one person at the same time make one account and one user', async () => {
  const users = await Promise.all(
    Array.from({ length: 50 }, () => signIn(registry, 'Zoe', { account: 'new' })),
  );
  expect(new Set(users.map(({ id }) => id)).size).toBe(1);
  expect(new Set(users.map(({ account }) => present(account).id)).size).toBe(1);
});
