import type { Connection } from '../use.ts';
import { isActiveAdmin, type User } from '../user.ts';

/** Everybody of the account, so that anybody can choose one for a source. */
export function maySeeConnection(user: User, connection: Connection): boolean {
  return !user.left && user.accountId === connection.accountId;
}

/**
 * Those who renew a connection and are told when it dies: its owner and the administrators it is shared with (semantics
 * 16, 23). Whoever has left or is no administrator any more drops out; a connection that nobody is left for falls to
 * the account's administrators, so that it never waits for a person who cannot come (semantics 26).
 */
export function keepersOf(
  connection: Connection,
  userById: (id: string) => User | undefined,
  accountAdmins: readonly User[],
): User[] {
  const named = [...new Set([connection.ownerId, ...connection.sharedWith])]
    .map(userById)
    .filter((user): user is User => isActiveAdmin(user));
  return named.length > 0 ? named : accountAdmins.filter(isActiveAdmin);
}

export function mayRenewConnection(user: User, keepers: readonly User[]): boolean {
  return keepers.some((keeper) => keeper.id === user.id);
}

/** Its owner; once the owner has left or is no administrator any more, those who keep it. */
export function mayShareConnection(
  user: User,
  connection: Connection,
  owner: User | undefined,
  keepers: readonly User[],
): boolean {
  if (user.left) return false;
  if (isActiveAdmin(owner)) return connection.ownerId === user.id;
  return mayRenewConnection(user, keepers);
}

/** Its owner or an administrator of the account. That no source uses it any more is checked beside this. */
export function mayDeleteConnection(user: User, connection: Connection): boolean {
  if (user.left || user.accountId !== connection.accountId) return false;
  return connection.ownerId === user.id || user.role === 'admin';
}
