import { sqliteInboxSchema } from '@credential-renewal/events';
import { openSqlite, type SqliteDatabase } from '@credential-renewal/storage';

// `document` holds the JSON of the whole; the columns beside it are copies for what is queried.
export const notificationMigrations: readonly string[] = [
  `CREATE TABLE notifications (
     id TEXT PRIMARY KEY,
     kind TEXT NOT NULL,
     episode_id TEXT NOT NULL,
     user_id TEXT NOT NULL,
     credential_id TEXT NOT NULL,
     state TEXT NOT NULL,
     episode_open INTEGER NOT NULL,
     in_digest INTEGER NOT NULL,
     due_at_ms INTEGER NOT NULL,
     created_at_ms INTEGER NOT NULL,
     document TEXT NOT NULL,
     UNIQUE (episode_id, user_id, kind)
   ) STRICT;
   CREATE INDEX notifications_open ON notifications (credential_id) WHERE episode_open = 1;
   CREATE INDEX notifications_waiting ON notifications (due_at_ms, id) WHERE state = 'waiting';
   CREATE INDEX notifications_digest ON notifications (user_id, due_at_ms) WHERE state = 'waiting' AND in_digest = 1;
   CREATE TABLE delivery_windows (
     user_id TEXT NOT NULL,
     kind TEXT NOT NULL,
     document TEXT NOT NULL,
     PRIMARY KEY (user_id, kind)
   ) STRICT;
   CREATE TABLE credentials (
     credential_id TEXT PRIMARY KEY,
     version TEXT NOT NULL,
     open_episode_id TEXT,
     gone INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE mails (
     id TEXT PRIMARY KEY,
     to_address TEXT NOT NULL,
     sent_at_ms INTEGER NOT NULL,
     document TEXT NOT NULL
   ) STRICT;
   CREATE INDEX mails_newest ON mails (sent_at_ms DESC, id DESC);
   CREATE INDEX mails_to ON mails (to_address, sent_at_ms DESC, id DESC);`,
  sqliteInboxSchema,
  // `kind` holds the number, too, where the kind has one (kind-key.ts), and `created_at_ms` since when a mail is kept waiting.
  `ALTER TABLE notifications ADD COLUMN daily INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE notifications ADD COLUMN escalate INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE notifications ADD COLUMN mail_id TEXT;
   UPDATE notifications SET mail_id = json_extract(document, '$.mailId');
   DROP INDEX notifications_waiting;
   CREATE INDEX notifications_due ON notifications (in_digest, due_at_ms, id) WHERE state = 'waiting';
   CREATE INDEX notifications_next ON notifications (state, due_at_ms);
   CREATE INDEX notifications_unsent ON notifications (state, created_at_ms);
   CREATE INDEX notifications_to_escalate ON notifications (id) WHERE escalate = 1;
   CREATE INDEX notifications_mail ON notifications (mail_id, id) WHERE mail_id IS NOT NULL;
   CREATE INDEX notifications_credential ON notifications (credential_id, id);
   ALTER TABLE credentials ADD COLUMN details TEXT;
   ALTER TABLE credentials ADD COLUMN delayed_since_ms INTEGER;
   CREATE INDEX credentials_delayed ON credentials (delayed_since_ms) WHERE delayed_since_ms IS NOT NULL;
   CREATE TABLE preferences (
     account_id TEXT NOT NULL,
     user_id TEXT NOT NULL,
     document TEXT NOT NULL,
     PRIMARY KEY (account_id, user_id)
   ) STRICT;
   CREATE TABLE delivery_reports (
     report_id TEXT PRIMARY KEY,
     at_ms INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX delivery_reports_old ON delivery_reports (at_ms);`,
  // What goes out with a digest is not only what waits for one; and counting is asked for again and again.
  `DROP INDEX notifications_digest;
   CREATE INDEX notifications_reader ON notifications (user_id, due_at_ms) WHERE state = 'waiting';
   CREATE INDEX notifications_count ON notifications (state, kind);`,
];

/** Opens the file that the notification store and the mailbox share. */
export function openNotificationDatabase(
  path: string,
  migrations = notificationMigrations,
): SqliteDatabase {
  return openSqlite({ path, name: 'notification', migrations });
}
