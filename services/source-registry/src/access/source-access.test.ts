import { expect, test } from 'vitest';
import { aConnection, aSource, aUser, aWorkspace } from '../rule-examples.ts';
import type { Connection } from '../use.ts';
import type { User } from '../user.ts';
import type { Workspace } from '../workspace.ts';
import {
  mayDeleteSource,
  mayRenewSource,
  maySeeSource,
  mayTakeOverSource,
  renewersOf,
} from './source-access.ts';

const creator = aUser('creator');
const colleague = aUser('colleague');
const member = aUser('member');
const keeper = aUser('keeper');
const admin = aUser('admin', { role: 'admin' });
const foreignAdmin = aUser('foreign', { role: 'admin', accountId: 'other' });
const workspace = aWorkspace({ member: 'member', keeper: 'admin' });
const source = aSource({ creatorId: creator.id, workspaceId: workspace.id });

function around(
  people: User[],
  more: { workspace?: Workspace; connection?: Connection } = { workspace },
) {
  return {
    workspace: more.workspace,
    connection: more.connection,
    userById: (id: string) => people.find((user) => user.id === id),
    accountAdmins: people.filter((user) => user.role === 'admin'),
  };
}

test('a source is seen by its creator, the members of its workspace and the account administrators', () => {
  const everybody = [creator, colleague, member, keeper, admin, foreignAdmin];
  const seeing = everybody.filter((user) => maySeeSource(user, source, workspace));
  expect(seeing).toEqual([creator, member, keeper, admin]);
});

test('somebody who has left sees nothing, not even their own source', () => {
  expect(maySeeSource({ ...creator, left: true }, source, workspace)).toBe(false);
});

test('only its creator renews a source, whoever else administers it', () => {
  const renewing = [creator, member, keeper, admin].filter((user) => mayRenewSource(user, source));
  expect(renewing).toEqual([creator]);
});

test('a source that a connection backs is renewed by nobody through the source', () => {
  const backed = aSource({ creatorId: creator.id, authorizedConnectionId: 'connection' });
  expect(mayRenewSource(creator, backed)).toBe(false);
  const connection = aConnection({ ownerId: admin.id });
  expect(renewersOf(backed, around([creator, admin], { connection }))).toEqual([admin]);
});

test('once the creator has left, those who may take the source over are named', () => {
  const gone = { ...creator, left: true };
  expect(renewersOf(source, around([creator, keeper, admin]))).toEqual([creator]);
  expect(renewersOf(source, around([gone, keeper, admin]))).toEqual([keeper]);
  expect(renewersOf(source, around([gone, { ...keeper, left: true }, admin]))).toEqual([admin]);
});

test('a source is taken over only after its creator has left, and only by administrators', () => {
  const everybody = [creator, colleague, member, keeper, admin, foreignAdmin];
  const takers = (of: User) =>
    everybody.filter((user) => mayTakeOverSource(user, source, of, workspace));
  expect(takers(creator)).toEqual([]);
  expect(takers({ ...creator, left: true })).toEqual([keeper, admin]);
});

test('a source is deleted by its creator and by administrators', () => {
  const everybody = [creator, colleague, member, keeper, admin, foreignAdmin];
  const deleting = everybody.filter((user) => mayDeleteSource(user, source, workspace));
  expect(deleting).toEqual([creator, keeper, admin]);
});
