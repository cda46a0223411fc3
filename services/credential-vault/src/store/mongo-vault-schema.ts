import { outboxIndex } from '@credential-renewal/events/mongo';
import { ensureIndexes, type MongoSchema } from '@credential-renewal/storage/mongo';

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
  ],
};
