import type { SqliteDatabase } from '@credential-renewal/storage';
import type { OutageWatch } from '../rules/outage-breaker.ts';
import { isActive, type OutageStore, outageId, type StoredOutage, whole } from './outage-store.ts';

type Row = { version: number; document: string };

export function createSqliteOutageStore(database: SqliteDatabase): OutageStore {
  return {
    find: async (client) =>
      database.read((sql) => {
        const row = sql.get<Row>(
          'SELECT version, document FROM outage WHERE id = ?',
          outageId(client),
        );
        return row && parse(row);
      }),
    replace: (watch, version) =>
      database.write((sql) => {
        const fields = [version + 1, isActive(watch) ? 1 : 0, JSON.stringify(watch)];
        const written =
          version === 0
            ? sql.run(
                'INSERT INTO outage (version, active, document, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
                ...[...fields, outageId(watch)],
              )
            : sql.run(
                'UPDATE outage SET version = ?, active = ?, document = ? WHERE id = ? AND version = ?',
                ...[...fields, outageId(watch), version],
              );
        return written === 1;
      }),
    listActive: async () =>
      database.read((sql) =>
        sql
          .all<Row>('SELECT version, document FROM outage WHERE active = 1 ORDER BY id')
          .map(parse),
      ),
    list: async () =>
      database.read((sql) =>
        sql.all<Row>('SELECT version, document FROM outage ORDER BY id').map(parse),
      ),
  };
}

function parse({ version, document }: Row): StoredOutage {
  const watch = JSON.parse(document) as OutageWatch;
  return { watch: whole(watch), version };
}
