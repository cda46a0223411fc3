import { expect, test } from 'vitest';
import { aConnection, aUser } from '../rule-examples.ts';
import type { User } from '../user.ts';
import {
  keepersOf,
  mayDeleteConnection,
  maySeeConnection,
  mayShareConnection,
} from './connection-access.ts';

const owner = aUser('owner', { role: 'admin' });
const shared = aUser('shared', { role: 'admin' });
const otherAdmin = aUser('other-admin', { role: 'admin' });
const member = aUser('member');
const foreignAdmin = aUser('foreign', { role: 'admin', accountId: 'other' });
const connection = aConnection({ ownerId: owner.id, sharedWith: [shared.id] });

function keepers(people: User[]): User[] {
  return keepersOf(
    connection,
    (id) => people.find((user) => user.id === id),
    people.filter((user) => user.role === 'admin' && !user.left),
  );
}

test('a connection is kept by its owner and the administrators it is shared with', () => {
  expect(keepers([owner, shared, otherAdmin, member])).toEqual([owner, shared]);
});

test('who has left or is no administrator any more does not keep it', () => {
  expect(keepers([{ ...owner, left: true }, shared, otherAdmin])).toEqual([shared]);
  expect(keepers([owner, { ...shared, role: 'member' }, otherAdmin])).toEqual([owner]);
});

test('a connection that nobody is left for falls to the administrators of the account', () => {
  const gone = [owner, shared].map((user) => ({ ...user, left: true }));
  expect(keepers([...gone, otherAdmin, member])).toEqual([otherAdmin]);
});

test('everybody of the account sees a connection, nobody else', () => {
  const seeing = [owner, member, otherAdmin, foreignAdmin].filter((user) =>
    maySeeConnection(user, connection),
  );
  expect(seeing).toEqual([owner, member, otherAdmin]);
});

test('a connection is shared by its owner, and by those who keep it once the owner has left', () => {
  const may = (user: User, of: User) =>
    mayShareConnection(user, connection, of, keepers([of, shared, otherAdmin]));
  expect(may(owner, owner)).toBe(true);
  expect(may(shared, owner)).toBe(false);
  expect(may(shared, { ...owner, left: true })).toBe(true);
  expect(may(otherAdmin, { ...owner, left: true })).toBe(false);
});

test('a connection is deleted by its owner and the administrators of the account', () => {
  const deleting = [owner, shared, otherAdmin, member, foreignAdmin].filter((user) =>
    mayDeleteConnection(user, connection),
  );
  expect(deleting).toEqual([owner, shared, otherAdmin]);
});
