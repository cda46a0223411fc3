import { inboxCollection, inboxIndex, outboxIndex } from '@credential-renewal/events/mongo';
import { ensureIndexes, type MongoSchema } from '@credential-renewal/storage/mongo';
import { auditWaitsIndex } from './mongo-audit-entries.ts';

/**
 * The registry's MongoDB database: an index for every question that its stores ask. Each begins with what narrows a question down to one
 * account, person, workspace or credential, so that no page reads another account's documents.
 */
export const registrySchema: MongoSchema = {
  service: 'source-registry',
  migrations: [
    {
      description: 'indexes of accounts, users, workspaces, uses and audit entries',
      oldestRelease: 1,
      async run(database) {
        await ensureIndexes(database, 'accounts', [
          { name: 'issuer_key', key: { issuer: 1, key: 1 }, unique: true },
        ]);
        await ensureIndexes(database, 'users', [
          { name: 'subject', key: { accountId: 1, issuer: 1, subject: 1 }, unique: true },
          { name: 'account', key: { accountId: 1, _id: 1 } },
          { name: 'active_admins', key: { accountId: 1, activeAdmin: 1, _id: 1 } },
        ]);
        await ensureIndexes(database, 'workspaces', [
          { name: 'account', key: { accountId: 1, createdAtMs: 1, _id: 1 } },
          { name: 'member', key: { memberIds: 1, createdAtMs: 1, _id: 1 } },
        ]);
        await ensureIndexes(database, 'uses', [
          { name: 'responsible', key: { responsibleId: 1, kind: 1, createdAtMs: 1, _id: 1 } },
          // Holds all that the counts need.
          { name: 'workspace', key: { workspaceId: 1, createdAtMs: 1, _id: 1, red: 1 } },
          { name: 'account', key: { accountId: 1, kind: 1, createdAtMs: 1, _id: 1 } },
          { name: 'credential', key: { credentialId: 1, _id: 1 } },
          { name: 'connection', key: { connectionId: 1, _id: 1 } },
          { name: 'deleting', key: { deletingSinceMs: 1 }, sparse: true },
          { name: 'pending', key: { pendingSinceMs: 1 }, sparse: true },
          auditWaitsIndex,
          outboxIndex,
        ]);
        await ensureIndexes(database, 'audit_entries', [
          { name: 'use', key: { useId: 1, position: 1 } },
        ]);
        await ensureIndexes(database, inboxCollection, [inboxIndex]);
      },
    },
    {
      description: 'index of running drills',
      // Which keeps what it does not know of a use.
      oldestRelease: 1,
      async run(database) {
        await ensureIndexes(database, 'uses', [
          { name: 'drills', key: { drillEndsAtMs: 1 }, sparse: true },
        ]);
      },
    },
  ],
};
