import { type MongoDatabase, openDocuments } from '@credential-renewal/storage/mongo';
import type { Workspace } from '../workspace.ts';
import { newestFirst } from './newest-first.ts';
import type { WorkspaceStore } from './workspace-store.ts';

export function createMongoWorkspaceStore(database: MongoDatabase): WorkspaceStore {
  const workspaces = openDocuments<Workspace>({
    ...{ database, name: 'workspaces', schemaVersion: 1 },
    fields: { accountId: String, createdAtMs: Number, memberIds: [String] },
    fieldsOf: ({ accountId, createdAtMs, members }) => ({
      ...{ accountId, createdAtMs },
      memberIds: members.map(({ userId }) => userId),
    }),
  });
  const list = async (question: Parameters<typeof workspaces.list>[0]) =>
    (await workspaces.list(question)).map(({ document }) => document);

  return {
    put: (workspace) =>
      workspace.revision > 1
        ? workspaces.replace(workspace.id, workspace.revision - 1, workspace)
        : workspaces.insert(workspace.id, workspace),
    find: async (id) => (await workspaces.find(id))?.document,
    findMany: (ids) => list({ where: { _id: { $in: ids } } }),
    list({ accountId, memberId, ...page }) {
      const { where, ...order } = newestFirst(page);
      const member = memberId === undefined ? {} : { memberIds: memberId };
      return list({ where: { ...member, accountId, ...where }, ...order });
    },
  };
}
