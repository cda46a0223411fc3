import { type MongoDatabase, openDocuments } from '@credential-renewal/storage/mongo';
import { type TokenReadStore, type TokenReads, tokenReadsId } from './token-read-store.ts';

export function createMongoTokenReadStore(database: MongoDatabase): TokenReadStore {
  const entries = openDocuments<TokenReads>({
    ...{ database, name: 'token_reads', schemaVersion: 2 },
    fields: { accountId: String, credentialId: String },
    fieldsOf: ({ accountId, credentialId }) => ({ accountId, credentialId }),
  });

  /** Undefined: there is no such entry yet. */
  const addTo = (id: string, { count, lastReadAtMs }: TokenReads) =>
    entries.update(id, (kept) => ({
      document: {
        ...kept,
        count: kept.count + count,
        lastReadAtMs: Math.max(kept.lastReadAtMs, lastReadAtMs),
      },
    }));

  return {
    async add(reads) {
      const id = tokenReadsId(reads);
      if (await addTo(id, reads)) return;
      if (await entries.insert(id, reads)) return;
      // Another replica made it in between.
      await addTo(id, reads);
    },

    async list({ accountId, credentialId, fromDay, after = fromDay, limit }) {
      const found = await entries.list({
        where: {
          accountId,
          ...(credentialId === undefined ? {} : { credentialId }),
          // An entry's id is its day and more, so the first of a day comes right behind the day itself.
          _id: { $gt: after > fromDay ? after : fromDay },
        },
        ...{ sort: { _id: 1 }, limit },
      });
      return found.map(({ document }) => document);
    },

    async forget(beforeDay) {
      const { deletedCount } = await entries.ask<object, { deletedCount: number }>((collection) =>
        collection.deleteMany({ _id: { $lt: beforeDay } }),
      );
      return deletedCount;
    },
  };
}
