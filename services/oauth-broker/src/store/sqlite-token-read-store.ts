import type { SqliteDatabase } from '@credential-renewal/storage';
import { type TokenReadStore, type TokenReads, tokenReadsId } from './token-read-store.ts';

export const tokenReadTable = `CREATE TABLE token_read (
     id TEXT PRIMARY KEY,
     account_id TEXT NOT NULL,
     credential_id TEXT NOT NULL,
     worker TEXT NOT NULL,
     day TEXT NOT NULL,
     count INTEGER NOT NULL,
     last_read_at_ms INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX token_read_by_account ON token_read (account_id, id);
   CREATE INDEX token_read_by_credential ON token_read (account_id, credential_id, id);`;

const columns = `account_id AS accountId, credential_id AS credentialId, worker, day, count,
  last_read_at_ms AS lastReadAtMs`;

export function createSqliteTokenReadStore(database: SqliteDatabase): TokenReadStore {
  return {
    add: (reads) =>
      database.write((sql) => {
        sql.run(
          `INSERT INTO token_read (id, account_id, credential_id, worker, day, count, last_read_at_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET count = count + excluded.count,
             last_read_at_ms = max(last_read_at_ms, excluded.last_read_at_ms)`,
          tokenReadsId(reads),
          reads.accountId,
          reads.credentialId,
          reads.worker,
          reads.day,
          reads.count,
          reads.lastReadAtMs,
        );
      }),

    async list({ accountId, credentialId, fromDay, after = fromDay, limit }) {
      // A text of its own for each question, so that each has its index.
      const ofCredential = credentialId === undefined ? '' : 'AND credential_id = ?';
      return database.read((sql) =>
        sql.all<TokenReads>(
          `SELECT ${columns} FROM token_read
           WHERE account_id = ? ${ofCredential} AND id > ? ORDER BY id LIMIT ?`,
          accountId,
          ...(credentialId === undefined ? [] : [credentialId]),
          // An entry's id is its day and more, so the first of a day comes right behind the day itself.
          after > fromDay ? after : fromDay,
          limit,
        ),
      );
    },

    forget: (beforeDay) =>
      database.write((sql) => sql.run('DELETE FROM token_read WHERE id < ?', beforeDay)),
  };
}
