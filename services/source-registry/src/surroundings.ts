import type { SourceSurroundings } from './access/source-access.ts';
import type { RegistryDeps } from './registry-deps.ts';
import { type Connection, responsibleOf, type Source, type Use } from './use.ts';
import type { User } from './user.ts';

export type Surroundings = {
  userById: (id: string) => User | undefined;
  accountAdmins: readonly User[];
  of: (source: Source) => SourceSurroundings;
};

/** Reads at once what the rules and pages need to know beside these uses of one account: people, workspaces, connections. */
export async function readSurroundings(
  { users, workspaces, uses }: Pick<RegistryDeps, 'users' | 'workspaces' | 'uses'>,
  accountId: string,
  shown: readonly Use[],
): Promise<Surroundings> {
  const sources = shown.filter((use): use is Source => use.kind === 'source');
  const [foundWorkspaces, foundConnections, accountAdmins] = await Promise.all([
    workspaces.findMany(distinct(sources.map((source) => source.workspaceId))),
    uses.findConnections(distinct(sources.map((source) => source.authorizedConnectionId))),
    users.listActiveAdmins(accountId),
  ]);
  const connections = [
    ...foundConnections,
    ...shown.filter((use): use is Connection => use.kind === 'connection'),
  ];
  const people = await users.findMany(
    distinct([
      ...shown.map(responsibleOf),
      ...connections.flatMap((connection) => [connection.ownerId, ...connection.sharedWith]),
      ...foundWorkspaces.flatMap((workspace) =>
        workspace.members.filter((m) => m.membership === 'admin').map((m) => m.userId),
      ),
    ]),
  );

  const personById = byId(people);
  const workspaceById = byId(foundWorkspaces);
  const connectionById = byId(connections);
  const userById = (id: string) => personById.get(id);
  return {
    userById,
    accountAdmins,
    of: (source) => ({
      workspace: workspaceById.get(source.workspaceId ?? ''),
      connection: connectionById.get(source.authorizedConnectionId ?? ''),
      userById,
      accountAdmins,
    }),
  };
}

function distinct(ids: readonly (string | undefined)[]): string[] {
  return [...new Set(ids.filter((id) => id !== undefined))];
}

function byId<T extends { id: string }>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}
