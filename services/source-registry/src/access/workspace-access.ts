import type { User } from '../user.ts';
import { membershipOf, type Workspace } from '../workspace.ts';

export function maySeeWorkspace(user: User, workspace: Workspace): boolean {
  if (user.left || user.accountId !== workspace.accountId) return false;
  return user.role === 'admin' || membershipOf(workspace, user.id) !== undefined;
}

/** Its own administrators, and those of the account. */
export function mayAdministerWorkspace(user: User, workspace: Workspace): boolean {
  if (user.left || user.accountId !== workspace.accountId) return false;
  return user.role === 'admin' || membershipOf(workspace, user.id) === 'admin';
}
