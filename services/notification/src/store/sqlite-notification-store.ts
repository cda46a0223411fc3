import type { Sql, SqliteDatabase } from '@credential-renewal/storage';
import type { DeliveryWindow } from '../delivery.ts';
import type { Notification, NotificationKind } from '../notification.ts';
import type { WatchedCredential } from '../watched-credential.ts';
import type { NotificationStore } from './notification-store.ts';
import {
  changeNotification,
  type DocumentRow,
  readNotification,
} from './sqlite-notification-row.ts';

export function createSqliteNotificationStore(database: SqliteDatabase): NotificationStore {
  const list = (text: string, ...values: (string | number)[]) =>
    database.read((sql) => sql.all<DocumentRow>(text, ...values).map(readNotification));

  return {
    create: (notification) => database.write((sql) => insert(sql, notification)),

    async find({ episodeId, userId, kind }) {
      return list(
        'SELECT document FROM notifications WHERE episode_id = ? AND user_id = ? AND kind = ?',
        episodeId,
        userId,
        kind,
      )[0];
    },

    update: (id, transition) => database.write((sql) => changeNotification(sql, id, transition)),

    async listOpenOfCredential(credentialId) {
      return list(
        `SELECT document FROM notifications
         WHERE credential_id = ? AND episode_open = 1 AND kind = 'expired' ORDER BY id`,
        credentialId,
      );
    },

    async firstWaiting() {
      return list(
        `SELECT document FROM notifications WHERE state = 'waiting' ORDER BY due_at_ms, id LIMIT 1`,
      )[0];
    },

    async listDueDigest(userId, kind, nowMs) {
      return list(
        `SELECT document FROM notifications
         WHERE state = 'waiting' AND in_digest = 1 AND user_id = ? AND due_at_ms <= ? AND kind = ? ORDER BY id`,
        userId,
        nowMs,
        kind,
      );
    },

    admit: (userId, kind, transition) =>
      database.write((sql) => {
        const row = sql.get<DocumentRow>(
          'SELECT document FROM delivery_windows WHERE user_id = ? AND kind = ?',
          userId,
          kind,
        );
        const answer = transition(row && (JSON.parse(row.document) as DeliveryWindow));
        sql.run(
          'INSERT OR REPLACE INTO delivery_windows (user_id, kind, document) VALUES (?, ?, ?)',
          userId,
          kind,
          JSON.stringify(answer.window),
        );
        return answer;
      }),

    async getCredential(credentialId) {
      return database.read((sql) => readCredential(sql, credentialId));
    },

    observeCredential: (credentialId, transition) =>
      database.write((sql) => {
        const after = transition(readCredential(sql, credentialId));
        if (after) writeCredential(sql, after);
        return after;
      }),

    async count() {
      return database.read((sql) =>
        sql.all<{ kind: NotificationKind; state: Notification['state']; count: number }>(
          'SELECT kind, state, count(*) AS count FROM notifications GROUP BY kind, state',
        ),
      );
    },

    async oldestWaitingCreatedAtMs() {
      const row = database.read((sql) =>
        sql.get<{ oldest: number | null }>(
          `SELECT min(created_at_ms) AS oldest FROM notifications WHERE state = 'waiting'`,
        ),
      );
      return row?.oldest ?? undefined;
    },
  };
}

function insert(sql: Sql, notification: Notification): boolean {
  const rows = sql.run(
    `INSERT INTO notifications (id, kind, episode_id, user_id, credential_id, state, episode_open, in_digest,
       due_at_ms, created_at_ms, document)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (episode_id, user_id, kind) DO NOTHING`,
    notification.id,
    notification.kind,
    notification.episodeId,
    notification.recipient.userId,
    notification.credentialId,
    notification.state,
    Number(notification.episodeOpen),
    Number(notification.inDigest),
    notification.dueAtMs,
    notification.createdAtMs,
    JSON.stringify(notification),
  );
  return rows === 1;
}

// The version is text: an int64 does not fit into the numbers that the driver answers with.
type CredentialRow = { version: string; open_episode_id: string | null; gone: number };

function readCredential(sql: Sql, credentialId: string): WatchedCredential | undefined {
  const row = sql.get<CredentialRow>(
    'SELECT version, open_episode_id, gone FROM credentials WHERE credential_id = ?',
    credentialId,
  );
  return (
    row && {
      credentialId,
      version: BigInt(row.version),
      openEpisodeId: row.open_episode_id ?? undefined,
      gone: row.gone === 1,
    }
  );
}

function writeCredential(sql: Sql, credential: WatchedCredential): void {
  sql.run(
    'INSERT OR REPLACE INTO credentials (credential_id, version, open_episode_id, gone) VALUES (?, ?, ?, ?)',
    credential.credentialId,
    credential.version.toString(),
    credential.openEpisodeId ?? null,
    Number(credential.gone),
  );
}
