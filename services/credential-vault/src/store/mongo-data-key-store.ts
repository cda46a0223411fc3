import { type MongoDatabase, openDocuments } from '@credential-renewal/storage/mongo';
import type { DataKeyStore, StoredDataKey } from './data-key-store.ts';

export function createMongoDataKeyStore(database: MongoDatabase): DataKeyStore {
  const keys = openDocuments<StoredDataKey>({
    ...{ database, name: 'data_keys', schemaVersion: 1 },
    fields: { createdAtMs: Number, generation: Number, retiredAtMs: Number },
    fieldsOf: ({ createdAtMs, generation, retiredAtMs }) => ({
      createdAtMs,
      generation,
      retiredAtMs,
    }),
  });

  return {
    list: async () => {
      const found = await keys.list({ where: {}, sort: { generation: 1 } });
      return found.map(({ document }) => ({ ...document, retiredAtMs: document.retiredAtMs }));
    },
    add: (key) => keys.insert(key.kid, key),
    rewrap: async (kid, from, to) => {
      const key = await keys.find(kid);
      if (key?.document.wrapped !== from) return false;
      return keys.replace(kid, key.version, { ...key.document, wrapped: to });
    },
    retire: async (kid, atMs) => {
      await keys.update(kid, (key) =>
        key.retiredAtMs === undefined ? { document: { ...key, retiredAtMs: atMs } } : undefined,
      );
    },
    remove: async (kid) => {
      await keys.remove({ _id: kid, retiredAtMs: { $exists: true } });
    },
  };
}
