import { type Connection, responsibleOf, type Source } from '../use.ts';
import { isActiveAdmin, type User } from '../user.ts';
import { membershipOf, type Workspace } from '../workspace.ts';
import { keepersOf } from './connection-access.ts';
import { mayAdministerWorkspace } from './workspace-access.ts';

/** What must be known beside the source to say who may do what with it. */
export type SourceSurroundings = {
  workspace: Workspace | undefined;
  /** The connection that backs it. */
  connection: Connection | undefined;
  /** Anybody of the account whom a rule may ask for. */
  userById: (id: string) => User | undefined;
  accountAdmins: readonly User[];
};

/** Its creator, the members of its workspace, and the account's administrators. */
export function maySeeSource(
  user: User,
  source: Source,
  workspace: Workspace | undefined,
): boolean {
  if (user.left || user.accountId !== source.accountId) return false;
  if (source.creatorId === user.id || user.role === 'admin') return true;
  return workspace !== undefined && membershipOf(workspace, user.id) !== undefined;
}

/** Its creator; a source that a connection backs is renewed through the connection alone (semantics 16). */
export function mayRenewSource(user: User, source: Source): boolean {
  return !user.left && source.authorizedConnectionId === undefined && source.creatorId === user.id;
}

/** Who can make it work again: who may renew it, or, where its creator has left, who may take it over first. */
export function renewersOf(source: Source, around: SourceSurroundings): User[] {
  if (around.connection) return keepersOf(around.connection, around.userById, around.accountAdmins);
  const creator = around.userById(source.creatorId);
  if (creator && !creator.left) return [creator];
  return successorsOf(around);
}

/** Those who stand in for a creator who has left: the workspace's administrators, or else the account's. */
export function successorsOf(around: SourceSurroundings): User[] {
  const ofWorkspace = (around.workspace?.members ?? [])
    .filter((member) => member.membership === 'admin')
    .map((member) => around.userById(member.userId))
    .filter((user): user is User => user !== undefined && !user.left);
  return ofWorkspace.length > 0 ? ofWorkspace : around.accountAdmins.filter(isActiveAdmin);
}

export function mayDeleteSource(
  user: User,
  source: Source,
  workspace: Workspace | undefined,
): boolean {
  if (user.left || user.accountId !== source.accountId) return false;
  if (responsibleOf(source) === user.id || user.role === 'admin') return true;
  return workspace !== undefined && mayAdministerWorkspace(user, workspace);
}

/** Once the creator has left: an administrator of the workspace or of the account (semantics 16). */
export function mayTakeOverSource(
  user: User,
  source: Source,
  creator: User | undefined,
  workspace: Workspace | undefined,
): boolean {
  if (user.left || user.accountId !== source.accountId || creator?.left !== true) return false;
  return (
    user.role === 'admin' || (workspace !== undefined && mayAdministerWorkspace(user, workspace))
  );
}
