import { ensureIndexes, type MongoSchema } from '@credential-renewal/storage/mongo';

/** The broker's MongoDB database: an index for every question that its store asks. */
export const brokerSchema: MongoSchema = {
  service: 'oauth-broker',
  migrations: [
    {
      description: 'indexes of authorizations',
      oldestRelease: 1,
      async run(database) {
        await ensureIndexes(database, 'authorizations', [
          { name: 'state', key: { stateHash: 1 }, sparse: true },
          { name: 'status', key: { status: 1, updatedAtMs: 1 } },
          { name: 'updated', key: { updatedAtMs: 1 } },
        ]);
      },
    },
    {
      description: 'indexes of token reads',
      oldestRelease: 1,
      async run(database) {
        await ensureIndexes(database, 'token_reads', [
          { name: 'account', key: { accountId: 1, _id: 1 } },
          { name: 'credential', key: { accountId: 1, credentialId: 1, _id: 1 } },
        ]);
      },
    },
    {
      description: 'authorizations by what they are for',
      oldestRelease: 1,
      async run(database) {
        await ensureIndexes(database, 'authorizations', [
          { name: 'use', key: { 'document.use.id': 1, _id: -1 } },
        ]);
      },
    },
  ],
};
