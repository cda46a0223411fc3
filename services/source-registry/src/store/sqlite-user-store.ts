import type { Sql, SqliteDatabase } from '@credential-renewal/storage';
import { type Account, isActiveAdmin, type User } from '../user.ts';
import type { UserStore } from './user-store.ts';

type DocumentRow = { document: string };

export function createSqliteUserStore(database: SqliteDatabase): UserStore {
  const user = (row: DocumentRow | undefined) => row && (JSON.parse(row.document) as User);
  const users = (rows: DocumentRow[]) => rows.map((row) => JSON.parse(row.document) as User);

  return {
    ensureAccount: (account) =>
      database.write((sql) => {
        const known = sql.get<DocumentRow>(
          'SELECT document FROM accounts WHERE issuer = ? AND key = ?',
          account.issuer,
          account.key,
        );
        const before = known && (JSON.parse(known.document) as Account);
        if (before?.name === account.name) return before;
        const stored = { ...account, id: before?.id ?? account.id };
        sql.run(
          `INSERT INTO accounts (id, issuer, key, document) VALUES (?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET document = excluded.document`,
          stored.id,
          stored.issuer,
          stored.key,
          JSON.stringify(stored),
        );
        return stored;
      }),

    async findAccount(id) {
      const row = database.read((sql) =>
        sql.get<DocumentRow>('SELECT document FROM accounts WHERE id = ?', id),
      );
      return row && (JSON.parse(row.document) as Account);
    },

    put: (changed) => database.write((sql) => writeUser(sql, changed) === 1),

    find: async (id) =>
      user(
        database.read((sql) => sql.get<DocumentRow>('SELECT document FROM users WHERE id = ?', id)),
      ),

    findBySubject: async (accountId, issuer, subject) =>
      user(
        database.read((sql) =>
          sql.get<DocumentRow>(
            'SELECT document FROM users WHERE account_id = ? AND issuer = ? AND subject = ?',
            accountId,
            issuer,
            subject,
          ),
        ),
      ),

    findMany: async (ids) =>
      users(
        database.read((sql) =>
          sql.all<DocumentRow>(
            'SELECT document FROM users WHERE id IN (SELECT value FROM json_each(?))',
            JSON.stringify(ids),
          ),
        ),
      ),

    list: async (accountId, { limit, after }) =>
      users(
        database.read((sql) =>
          sql.all<DocumentRow>(
            `SELECT document FROM users WHERE account_id = ? AND (? IS NULL OR id < ?)
             ORDER BY id DESC LIMIT ?`,
            accountId,
            after?.id ?? null,
            after?.id ?? null,
            limit,
          ),
        ),
      ),

    listActiveAdmins: async (accountId) =>
      users(
        database.read((sql) =>
          sql.all<DocumentRow>(
            'SELECT document FROM users WHERE account_id = ? AND active_admin = 1 ORDER BY id',
            accountId,
          ),
        ),
      ),
  };
}

function writeUser(sql: Sql, user: User): number {
  const document = JSON.stringify(user);
  const activeAdmin = isActiveAdmin(user) ? 1 : 0;
  if (user.revision > 1) {
    return sql.run(
      'UPDATE users SET active_admin = ?, revision = ?, document = ? WHERE id = ? AND revision = ?',
      activeAdmin,
      user.revision,
      document,
      user.id,
      user.revision - 1,
    );
  }
  return sql.run(
    `INSERT INTO users (id, account_id, issuer, subject, active_admin, revision, document)
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    user.id,
    user.accountId,
    user.issuer,
    user.subject,
    activeAdmin,
    user.revision,
    document,
  );
}
