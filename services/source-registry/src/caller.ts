import { maySeeConnection } from './access/connection-access.ts';
import { maySeeSource } from './access/source-access.ts';
import { maySeeWorkspace } from './access/workspace-access.ts';
import {
  ConnectionNotFoundError,
  SourceNotFoundError,
  UserLeftError,
  UserNotFoundError,
  WorkspaceNotFoundError,
} from './errors.ts';
import type { RegistryDeps } from './registry-deps.ts';
import type { Connection, Source } from './use.ts';
import type { User } from './user.ts';
import type { Workspace } from './workspace.ts';

/** The signed-in user. Errors: USER_NOT_FOUND, USER_LEFT. */
export async function requireCaller(
  { users }: Pick<RegistryDeps, 'users'>,
  userId: string,
): Promise<User> {
  const user = await users.find(userId);
  if (!user) throw new UserNotFoundError(userId);
  if (user.left) throw new UserLeftError(userId);
  return user;
}

/** What the caller may not see does not exist: USER_NOT_FOUND. */
export async function requireColleague(
  { users }: Pick<RegistryDeps, 'users'>,
  caller: User,
  userId: string,
): Promise<User> {
  const user = await users.find(userId);
  if (user?.accountId !== caller.accountId) throw new UserNotFoundError(userId);
  return user;
}

/** What the caller may not see does not exist: WORKSPACE_NOT_FOUND. */
export async function requireWorkspace(
  { workspaces }: Pick<RegistryDeps, 'workspaces'>,
  caller: User,
  workspaceId: string,
): Promise<Workspace> {
  const workspace = await workspaces.find(workspaceId);
  if (!workspace || !maySeeWorkspace(caller, workspace)) {
    throw new WorkspaceNotFoundError(workspaceId);
  }
  return workspace;
}

/** What the caller may not see, and what is being deleted, does not exist: SOURCE_NOT_FOUND. */
export async function requireSource(
  { uses, workspaces }: Pick<RegistryDeps, 'uses' | 'workspaces'>,
  caller: User,
  sourceId: string,
): Promise<{ source: Source; workspace: Workspace | undefined }> {
  const source = await uses.find(sourceId);
  if (source?.kind !== 'source' || source.deleting) throw new SourceNotFoundError(sourceId);
  const workspace = source.workspaceId ? await workspaces.find(source.workspaceId) : undefined;
  if (!maySeeSource(caller, source, workspace)) throw new SourceNotFoundError(sourceId);
  return { source, workspace };
}

/** What the caller may not see, and what is being deleted, does not exist: CONNECTION_NOT_FOUND. */
export async function requireConnection(
  { uses }: Pick<RegistryDeps, 'uses'>,
  caller: User,
  connectionId: string,
): Promise<Connection> {
  const connection = await uses.find(connectionId);
  if (
    connection?.kind !== 'connection' ||
    connection.deleting ||
    !maySeeConnection(caller, connection)
  ) {
    throw new ConnectionNotFoundError(connectionId);
  }
  return connection;
}
