import { sqliteInboxSchema } from '@credential-renewal/events';
import { openSqlite, type SqliteDatabase } from '@credential-renewal/storage';

// `document` holds the JSON of the whole; the columns beside it are copies for what is queried.
const migrations = [
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
];

/** Opens the file that the notification store and the mailbox share. */
export function openNotificationDatabase(path: string): SqliteDatabase {
  return openSqlite({ path, name: 'notification', migrations });
}
