import type { Sql, SqliteDatabase } from '@credential-renewal/storage';
import type { Preferences } from '../preferences/preferences.ts';
import type { Person, PreferencesStore } from './preferences-store.ts';
import type { DocumentRow } from './sqlite-notification-row.ts';

export function createSqlitePreferencesStore(database: SqliteDatabase): PreferencesStore {
  const read = (sql: Sql, { accountId, userId }: Person): Preferences | undefined => {
    const row = sql.get<DocumentRow>(
      'SELECT document FROM preferences WHERE account_id = ? AND user_id = ?',
      accountId,
      userId,
    );
    return row && (JSON.parse(row.document) as Preferences);
  };

  return {
    get: async (person) => database.read((sql) => read(sql, person)),

    update: (person, transition) =>
      database.write((sql) => {
        const after = transition(read(sql, person));
        sql.run(
          'INSERT OR REPLACE INTO preferences (account_id, user_id, document) VALUES (?, ?, ?)',
          person.accountId,
          person.userId,
          JSON.stringify(after),
        );
        return after;
      }),
  };
}
