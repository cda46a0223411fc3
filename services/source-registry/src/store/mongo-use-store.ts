import { withEvents, withLastEvents } from '@credential-renewal/events/mongo';
import type { Clock } from '@credential-renewal/runtime';
import type { Connection, Source, Use } from '../use.ts';
import { UseExistsError } from './errors.ts';
import { type AuditEntries, withAudit } from './mongo-audit-entries.ts';
import { readFields, readUse, type UseDocuments, versionText } from './mongo-use-documents.ts';
import { newestFirst } from './newest-first.ts';
import { writeUseDocument } from './use-document.ts';
import { eventsOf, type UseStore } from './use-store.ts';

type Question = Parameters<UseDocuments['list']>[0];

/** Uses as documents that carry their events and audit entries; each change is one conditional write on the revision. */
export function createMongoUseStore(
  uses: UseDocuments,
  auditEntries: AuditEntries,
  clock: Clock,
): UseStore {
  const list = async <U extends Use>(question: Question) =>
    (await uses.list({ ...question, only: readFields })).map(readUse) as U[];

  return {
    async insert(write) {
      const { use, audit } = write;
      const effects = withAudit(withEvents(eventsOf(write)), audit);
      const inserted = await uses.insert(use.id, writeUseDocument(use), effects);
      if (!inserted) throw new UseExistsError(use.id);
    },
    replace: (write) =>
      uses.replace(
        write.use.id,
        write.use.revision - 1,
        writeUseDocument(write.use),
        withAudit(withEvents(eventsOf(write)), write.audit),
      ),
    remove: (write) =>
      uses.retire(
        write.use.id,
        write.use.revision - 1,
        withAudit(withLastEvents(eventsOf(write), clock.nowMs()), write.audit),
      ),

    touch: (id) =>
      uses.change(
        { _id: id, retired: { $exists: false }, deletingSinceMs: { $exists: false } },
        { $inc: { version: 1 } },
      ),

    find: async (id) => (await list({ where: { _id: id, retired: { $exists: false } } }))[0],
    findConnections: (ids) =>
      list<Connection>({ where: { _id: { $in: ids }, kind: 'connection' } }),

    listSources({ accountId, of, status, ...page }) {
      const { where, ...order } = newestFirst(page);
      const owner =
        'creatorId' in of ? { responsibleId: of.creatorId } : { workspaceId: of.workspaceId };
      return list<Source>({
        where: { ...owner, kind: 'source', accountId, ...(status ? { status } : {}), ...where },
        ...order,
      });
    },

    listConnections({ accountId, status, ...page }) {
      const { where, ...order } = newestFirst(page);
      return list<Connection>({
        where: { accountId, kind: 'connection', ...(status ? { status } : {}), ...where },
        ...order,
      });
    },

    listUsesOfCredential: ({ accountId, credentialId, olderThan, afterId = '', limit }) =>
      list({
        where: {
          ...{ credentialId, accountId, _id: { $gt: afterId } },
          ...(olderThan === undefined
            ? {}
            : { credentialVersion: { $lt: versionText(olderThan) } }),
        },
        ...{ sort: { _id: 1 }, limit },
      }),

    listBackedSources: ({ connectionId, afterId = '', limit }) =>
      list<Source>({
        where: { connectionId, _id: { $gt: afterId } },
        ...{ sort: { _id: 1 }, limit },
      }),

    async countBackedSources(connectionIds) {
      const counts = await count(uses, 'connectionId', connectionIds);
      return new Map(counts.map(({ _id, sources }) => [_id, sources]));
    },
    async countSourcesByWorkspace(workspaceIds) {
      const counts = await count(uses, 'workspaceId', workspaceIds);
      return new Map(counts.map(({ _id, ...counted }) => [_id, counted]));
    },

    listDeleting: (limit) =>
      list({
        where: { deletingSinceMs: { $exists: true } },
        ...{ sort: { deletingSinceMs: 1 }, limit },
      }),
    listAbandoned: (beforeMs, limit) =>
      list({
        where: { pendingSinceMs: { $lt: beforeMs } },
        ...{ sort: { pendingSinceMs: 1 }, limit },
      }),

    listOverdueDrills: (atMs, limit) =>
      list({ where: { drillEndsAtMs: { $lte: atMs } }, ...{ sort: { drillEndsAtMs: 1 }, limit } }),

    // A use that is deleting has no account to be found by.
    recordSync: ({ accountId, sourceId, syncedAtMs }) =>
      uses.change(
        { _id: sourceId, kind: 'source', accountId },
        { $max: { lastSyncedAtMs: syncedAtMs } },
      ),

    listAuditEntries: auditEntries.list,
  };
}

type Counted = { _id: string; sources: number; needRenewal: number };

function count(
  uses: UseDocuments,
  field: 'connectionId' | 'workspaceId',
  values: readonly string[],
): Promise<Counted[]> {
  return uses.ask((collection) =>
    collection
      .aggregate<Counted>([
        { $match: { [field]: { $in: values } } },
        { $group: { _id: `$${field}`, sources: { $sum: 1 }, needRenewal: { $sum: '$red' } } },
      ])
      .toArray(),
  );
}
