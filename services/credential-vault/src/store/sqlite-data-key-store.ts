import type { SqliteDatabase } from '@credential-renewal/storage';
import type { DataKeyStore, StoredDataKey } from './data-key-store.ts';

type Row = Omit<StoredDataKey, 'retiredAtMs'> & { retiredAtMs: number | null };

export function createSqliteDataKeyStore(database: SqliteDatabase): DataKeyStore {
  return {
    list: async () =>
      database.read((sql) =>
        sql
          .all<Row>(
            'SELECT kid, wrapped, created_at AS createdAtMs, generation, retired_at AS retiredAtMs FROM data_key ORDER BY generation',
          )
          .map((row) => ({ ...row, retiredAtMs: row.retiredAtMs ?? undefined })),
      ),
    add: ({ kid, wrapped, createdAtMs, generation, retiredAtMs = null }) =>
      database.write(
        (sql) =>
          sql.run(
            'INSERT INTO data_key (kid, wrapped, created_at, generation, retired_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
            ...[kid, wrapped, createdAtMs, generation, retiredAtMs],
          ) === 1,
      ),
    rewrap: (kid, from, to) =>
      database.write(
        (sql) =>
          sql.run(
            'UPDATE data_key SET wrapped = ? WHERE kid = ? AND wrapped = ?',
            to,
            kid,
            from,
          ) === 1,
      ),
    retire: async (kid, atMs) => {
      await database.write((sql) =>
        sql.run(
          'UPDATE data_key SET retired_at = ? WHERE kid = ? AND retired_at IS NULL',
          atMs,
          kid,
        ),
      );
    },
    remove: async (kid) => {
      await database.write((sql) =>
        sql.run('DELETE FROM data_key WHERE kid = ? AND retired_at IS NOT NULL', kid),
      );
    },
  };
}
