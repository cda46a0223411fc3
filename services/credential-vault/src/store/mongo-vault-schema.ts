import { outboxIndex } from '@credential-renewal/events/mongo';
import {
  ensureIndexes,
  type MongoDatabase,
  type MongoSchema,
  rewriteDocuments,
} from '@credential-renewal/storage/mongo';
import type { Credential } from '../credential.ts';
import { oldestDataKey } from './credential-fields.ts';

/** The vault's MongoDB database: an index for every question that its stores ask. */
export const vaultSchema: MongoSchema = {
  service: 'credential-vault',
  migrations: [
    {
      description: 'indexes of credentials, candidates and data keys',
      oldestRelease: 1,
      async run(database) {
        await ensureIndexes(database, 'credentials', [
          // Not partial: a retired credential keeps a value of its own here.
          { name: 'join_key', key: { joinKey: 1 }, unique: true },
          { name: 'due', key: { dueAtMs: 1 }, sparse: true },
          { name: 'tick', key: { tickAtMs: 1 }, sparse: true },
          { name: 'revoke', key: { revokeAtMs: 1 }, sparse: true },
          { name: 'worked', key: { providerId: 1, clientId: 1, workedAtMs: 1 } },
          { name: 'identity', key: { providerId: 1, clientId: 1, identityKey: 1 } },
          outboxIndex,
        ]);
        await ensureIndexes(database, 'candidates', [
          { name: 'open', key: { settled: 1, createdAtMs: 1 } },
          { name: 'created', key: { createdAtMs: 1 } },
        ]);
        await ensureIndexes(database, 'data_keys', [{ name: 'created', key: { createdAtMs: 1 } }]);
      },
    },
    {
      description: 'records by their data key, data keys by number',
      oldestRelease: 1,
      async run(database, progress) {
        await numberDataKeys(database);
        await ensureIndexes(database, 'data_keys', [
          { name: 'generation', key: { generation: 1 }, unique: true },
        ]);
        await rewriteDocuments<CredentialRecord>(database, {
          ...{ collection: 'credentials', schemaVersion: 2, progress },
          // A retired one has no tokens any more.
          change: ({ document }) =>
            document ? { $set: { dataKey: oldestDataKey(document.tokens, document.spare) } } : {},
        });
        await ensureIndexes(database, 'credentials', [
          { name: 'data_key', key: { dataKey: 1, _id: 1 } },
        ]);
        await ensureIndexes(database, 'candidates', [
          { name: 'data_key', key: { dataKey: 1 }, sparse: true },
        ]);
      },
    },
    {
      description: 'credentials whose verdicts are held, or whose client is refused',
      oldestRelease: 1,
      async run(database) {
        await ensureIndexes(database, 'credentials', [
          {
            name: 'held',
            key: { providerId: 1, clientId: 1, heldAtMs: 1 },
          },
          {
            name: 'client_refused',
            key: { providerId: 1, clientId: 1, clientRefusedAtMs: 1 },
          },
        ]);
        await ensureIndexes(database, 'outages', [
          { name: 'active', key: { active: 1 }, sparse: true },
        ]);
      },
    },
    {
      description: 'credentials by their state, to be counted',
      oldestRelease: 1,
      async run(database) {
        await ensureIndexes(database, 'credentials', [
          { name: 'status', key: { 'document.status': 1, providerId: 1 } },
        ]);
      },
    },
    {
      description:
        'what is due, without those of some providers or under a lease, by an index alone',
      oldestRelease: 1,
      async run(database) {
        await ensureIndexes(database, 'credentials', [
          { name: 'due_at_provider', key: { dueAtMs: 1, leaseExpiresAtMs: 1, providerId: 1 } },
        ]);
      },
    },
  ],
};

type CredentialRecord = {
  _id: string;
  schemaVersion: number;
  version: number;
  document?: Pick<Credential, 'tokens' | 'spare'>;
};

async function numberDataKeys(database: MongoDatabase): Promise<void> {
  const keys = database.native<{ _id: string; createdAtMs: number }>('data_keys');
  const found = await keys.find({}).sort({ createdAtMs: 1, _id: 1 }).toArray();
  for (const [index, { _id }] of found.entries()) {
    const generation = index + 1;
    await keys.updateOne({ _id }, { $set: { generation, 'document.generation': generation } });
  }
}
