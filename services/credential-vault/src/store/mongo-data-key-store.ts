import { type MongoDatabase, openDocuments } from '@credential-renewal/storage/mongo';
import type { DataKeyStore, StoredDataKey } from './data-key-store.ts';

export function createMongoDataKeyStore(database: MongoDatabase): DataKeyStore {
  const keys = openDocuments<StoredDataKey>({
    ...{ database, name: 'data_keys', schemaVersion: 1 },
    fields: { createdAtMs: Number },
    fieldsOf: ({ createdAtMs }) => ({ createdAtMs }),
  });

  return {
    list: async () => {
      const found = await keys.list({ where: {}, sort: { createdAtMs: 1, _id: 1 } });
      return found.map(({ document }) => document);
    },
    add: (key) => keys.insert(key.kid, key),
  };
}
