import type { Sql } from '@credential-renewal/storage';
import { NotificationNotFoundError } from '../errors.ts';
import type { Notification } from '../notification.ts';

export type DocumentRow = { document: string };

export function readNotification(row: DocumentRow): Notification {
  return JSON.parse(row.document) as Notification;
}

/** Reads, changes and writes one notification inside the caller's transaction. */
export function changeNotification(
  sql: Sql,
  id: string,
  transition: (now: Notification) => Notification,
): Notification {
  const row = sql.get<DocumentRow>('SELECT document FROM notifications WHERE id = ?', id);
  if (!row) throw new NotificationNotFoundError(id);
  const before = readNotification(row);
  const after = transition(before);
  if (after === before) return before;
  sql.run(
    `UPDATE notifications
     SET state = ?, episode_open = ?, in_digest = ?, daily = ?, due_at_ms = ?, escalate = ?, mail_id = ?, document = ?
     WHERE id = ?`,
    after.state,
    Number(after.episodeOpen),
    Number(after.inDigest),
    Number(after.daily ?? false),
    after.dueAtMs,
    Number(after.escalate ?? false),
    after.mailId ?? null,
    JSON.stringify(after),
    id,
  );
  return after;
}
