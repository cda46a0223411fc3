import type { SqliteDatabase } from '@credential-renewal/storage';
import type { DataKeyStore, StoredDataKey } from './data-key-store.ts';

export function createSqliteDataKeyStore(database: SqliteDatabase): DataKeyStore {
  return {
    list: async () =>
      database.read((sql) =>
        sql.all<StoredDataKey>(
          'SELECT kid, wrapped, created_at AS createdAtMs FROM data_key ORDER BY created_at, kid',
        ),
      ),
    add: ({ kid, wrapped, createdAtMs }) =>
      database.write(
        (sql) =>
          sql.run(
            'INSERT INTO data_key (kid, wrapped, created_at) VALUES (?, ?, ?) ON CONFLICT (kid) DO NOTHING',
            kid,
            wrapped,
            createdAtMs,
          ) === 1,
      ),
  };
}
