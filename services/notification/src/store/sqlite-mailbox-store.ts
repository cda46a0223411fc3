import type { SqliteDatabase } from '@credential-renewal/storage';
import { sent } from '../notification-steps.ts';
import type { MailboxStore, StoredMail } from './mailbox-store.ts';
import {
  changeNotification,
  type DocumentRow,
  readNotification,
} from './sqlite-notification-row.ts';

/** `database` is the one that the notification store was made with. */
export function createSqliteMailboxStore(database: SqliteDatabase): MailboxStore {
  return {
    addMail: (mail, parts, sentAtMs) =>
      database.write((sql) => {
        const allWaiting = parts.every(({ id }) => {
          const row = sql.get<DocumentRow>('SELECT document FROM notifications WHERE id = ?', id);
          return row !== undefined && readNotification(row).state === 'waiting';
        });
        if (!allWaiting) return false;
        const stored: StoredMail = { ...mail, sentAtMs };
        sql.run(
          'INSERT INTO mails (id, to_address, sent_at_ms, document) VALUES (?, ?, ?, ?)',
          mail.id,
          mail.to.address.toLowerCase(),
          sentAtMs,
          JSON.stringify(stored),
        );
        for (const { id } of parts) {
          changeNotification(sql, id, (now) => sent(now, { mailId: mail.id, atMs: sentAtMs }));
        }
        return true;
      }),

    async get(mailId) {
      const row = database.read((sql) =>
        sql.get<DocumentRow>('SELECT document FROM mails WHERE id = ?', mailId),
      );
      return row && readMail(row);
    },

    async list({ to, after, limit }) {
      const from = after ?? { sentAtMs: Number.MAX_SAFE_INTEGER, id: '' };
      return database.read((sql) => {
        const rows =
          to === undefined
            ? sql.all<DocumentRow>(
                `SELECT document FROM mails WHERE (sent_at_ms, id) < (?, ?)
                 ORDER BY sent_at_ms DESC, id DESC LIMIT ?`,
                from.sentAtMs,
                from.id,
                limit,
              )
            : sql.all<DocumentRow>(
                `SELECT document FROM mails WHERE to_address = ? AND (sent_at_ms, id) < (?, ?)
                 ORDER BY sent_at_ms DESC, id DESC LIMIT ?`,
                to.toLowerCase(),
                from.sentAtMs,
                from.id,
                limit,
              );
        return rows.map(readMail);
      });
    },

    async forget(sentBeforeMs) {
      await database.write((sql) =>
        sql.run('DELETE FROM mails WHERE sent_at_ms < ?', sentBeforeMs),
      );
    },
  };
}

function readMail(row: DocumentRow): StoredMail {
  return JSON.parse(row.document) as StoredMail;
}
