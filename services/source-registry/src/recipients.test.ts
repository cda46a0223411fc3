import { expect, test } from 'vitest';
import { recipientsOfConnection, recipientsOfSource } from './recipients.ts';
import { aConnection, aSource, aUser, aWorkspace } from './rule-examples.ts';
import type { User } from './user.ts';

const creator = aUser('creator');
const keeper = aUser('keeper');
const owner = aUser('owner', { role: 'admin' });
const shared = aUser('shared', { role: 'admin' });
const admin = aUser('admin', { role: 'admin' });
const workspace = aWorkspace({ keeper: 'admin', creator: 'member' });
const connection = aConnection({ ownerId: owner.id, sharedWith: [shared.id] });

function people(users: User[]) {
  return {
    workspace: undefined,
    connection: undefined,
    userById: (id: string) => users.find((user) => user.id === id),
    accountAdmins: users.filter((user) => user.role === 'admin' && !user.left),
  };
}

test('the creator is told of an expiry, and nobody else', () => {
  const around = { ...people([creator, keeper, admin]), workspace };
  expect(recipientsOfSource(aSource(), around)).toEqual([{ user: creator, why: 'creator' }]);
});

test('for a creator who has left, the administrators of the workspace are told, or else those of the account', () => {
  const gone = { ...creator, left: true };
  const inWorkspace = { ...people([gone, keeper, admin]), workspace };
  expect(recipientsOfSource(aSource(), inWorkspace)).toEqual([
    { user: keeper, why: 'creator_left' },
  ]);
  expect(recipientsOfSource(aSource(), people([gone, keeper, admin]))).toEqual([
    { user: admin, why: 'creator_left' },
  ]);
});

test('of a connection and of what it backs, its owner and those it is shared with are told', () => {
  const around = { ...people([creator, owner, shared, admin]), connection };
  const told = [
    { user: owner, why: 'owner' },
    { user: shared, why: 'shared' },
  ];
  expect(recipientsOfConnection(connection, around)).toEqual(told);
  expect(recipientsOfSource(aSource({ authorizedConnectionId: connection.id }), around)).toEqual(
    told,
  );
});
