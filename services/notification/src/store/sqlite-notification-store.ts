import { uuidv7Floor } from '@credential-renewal/runtime';
import type { Sql, SqliteDatabase } from '@credential-renewal/storage';
import { keysOfKind, kindKey } from '../kind-key.ts';
import type { DeliveryWindow } from '../notice/delivery.ts';
import { untoldDelaySinceMs, type WatchedCredential } from '../notice/watched-credential.ts';
import { type Notification, type NotificationState, waitingSinceMs } from '../notification.ts';
import type { NotificationStore } from './notification-store.ts';
import {
  changeNotification,
  type DocumentRow,
  readNotification,
} from './sqlite-notification-row.ts';
import { sumByKind } from './sum-by-kind.ts';

export function createSqliteNotificationStore(database: SqliteDatabase): NotificationStore {
  const list = (text: string, ...values: (string | number)[]) =>
    database.read((sql) => sql.all<DocumentRow>(text, ...values).map(readNotification));

  /** One question for each state, so that each ends at the first entry of its index. */
  function earliestUnsent(column: 'due_at_ms' | 'created_at_ms'): number | undefined {
    const text = `SELECT ${column} AS at FROM notifications WHERE state = ? ORDER BY ${column} LIMIT 1`;
    const found = database.read((sql) =>
      ['waiting', 'handing_over'].flatMap((state) => sql.all<{ at: number }>(text, state)),
    );
    return found.length === 0 ? undefined : Math.min(...found.map(({ at }) => at));
  }

  return {
    create: (notification) => database.write((sql) => insert(sql, notification)),

    async find({ episodeId, userId, kind, number }) {
      return list(
        'SELECT document FROM notifications WHERE episode_id = ? AND user_id = ? AND kind = ?',
        episodeId,
        userId,
        kindKey({ kind, number }),
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

    async listWaitingOfCredential(credentialId) {
      return list(
        `SELECT document FROM notifications WHERE credential_id = ? AND state = 'waiting' ORDER BY id`,
        credentialId,
      );
    },

    async listOfCredential({ credentialId, after, limit }) {
      return after === undefined
        ? list(
            'SELECT document FROM notifications WHERE credential_id = ? ORDER BY id DESC LIMIT ?',
            credentialId,
            limit,
          )
        : list(
            `SELECT document FROM notifications WHERE credential_id = ? AND id < ?
             ORDER BY id DESC LIMIT ?`,
            credentialId,
            after,
            limit,
          );
    },

    async listOfEpisode(episodeId, userId) {
      return list(
        'SELECT document FROM notifications WHERE episode_id = ? AND user_id = ? ORDER BY id',
        episodeId,
        userId,
      );
    },

    async listOfMail(mailId) {
      return list('SELECT document FROM notifications WHERE mail_id = ? ORDER BY id', mailId);
    },

    async listDue(nowMs, limit) {
      // One question for each: reminders wait in digests for days, and must not be passed over to find what is due beside them.
      const due = (inDigest: 0 | 1, most: number) =>
        list(
          `SELECT document FROM notifications
           WHERE state = 'waiting' AND in_digest = ? AND due_at_ms <= ? ORDER BY due_at_ms, id LIMIT ?`,
          inDigest,
          nowMs,
          most,
        );
      const digests = due(1, limit);
      return [...digests, ...due(0, limit - digests.length)];
    },

    async nextDueAtMs() {
      return earliestUnsent('due_at_ms');
    },

    async listDueDigest({ userId, of }, nowMs) {
      const waiting = `state = 'waiting' AND user_id = ? AND due_at_ms <= ?`;
      if (of === 'daily') {
        return list(
          `SELECT document FROM notifications WHERE ${waiting} AND daily = 1 ORDER BY id`,
          userId,
          nowMs,
        );
      }
      const keys = keysOfKind(of);
      return list(
        `SELECT document FROM notifications
         WHERE ${waiting} AND daily = 0 AND kind IN (${keys.map(() => '?').join(', ')}) ORDER BY id`,
        userId,
        nowMs,
        ...keys,
      );
    },

    async listOldClaims(nowMs, limit) {
      return list(
        `SELECT document FROM notifications WHERE state = 'handing_over' AND due_at_ms <= ?
         ORDER BY due_at_ms LIMIT ?`,
        nowMs,
        limit,
      );
    },

    async listToEscalate(limit) {
      return list(
        'SELECT document FROM notifications WHERE escalate = 1 ORDER BY id LIMIT ?',
        limit,
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

    async listDelayedSince(sinceMs, limit) {
      return database.read((sql) =>
        sql
          .all<CredentialRow>(
            `${selectCredential} WHERE delayed_since_ms <= ? ORDER BY delayed_since_ms LIMIT ?`,
            sinceMs,
            limit,
          )
          .map(toCredential),
      );
    },

    forget: (madeBeforeMs, limit) =>
      database.write((sql) =>
        sql.run(
          `DELETE FROM notifications WHERE id IN (
             SELECT id FROM notifications WHERE id < ? AND state NOT IN ('waiting', 'handing_over')
               AND episode_open = 0 AND escalate = 0 ORDER BY id LIMIT ?)`,
          uuidv7Floor(madeBeforeMs),
          limit,
        ),
      ),

    async count() {
      const counted = database.read((sql) =>
        sql.all<{ kind: string; state: NotificationState; count: number }>(
          'SELECT kind, state, count(*) AS count FROM notifications GROUP BY kind, state',
        ),
      );
      return sumByKind(counted);
    },

    async oldestUnsentSinceMs() {
      return earliestUnsent('created_at_ms');
    },
  };
}

function insert(sql: Sql, notification: Notification): boolean {
  const rows = sql.run(
    `INSERT INTO notifications (id, kind, episode_id, user_id, credential_id, state, episode_open, in_digest, daily,
       due_at_ms, created_at_ms, escalate, mail_id, document)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (episode_id, user_id, kind) DO NOTHING`,
    notification.id,
    kindKey(notification),
    notification.episodeId,
    notification.recipient.userId,
    notification.credentialId,
    notification.state,
    Number(notification.episodeOpen),
    Number(notification.inDigest),
    Number(notification.daily ?? false),
    notification.dueAtMs,
    waitingSinceMs(notification),
    Number(notification.escalate ?? false),
    notification.mailId ?? null,
    JSON.stringify(notification),
  );
  return rows === 1;
}

/** Version as text: an int64 does not fit into the numbers that the driver answers with. */
type CredentialRow = {
  credential_id: string;
  version: string;
  open_episode_id: string | null;
  gone: number;
  details: string | null;
};

const selectCredential =
  'SELECT credential_id, version, open_episode_id, gone, details FROM credentials';

function readCredential(sql: Sql, credentialId: string): WatchedCredential | undefined {
  const row = sql.get<CredentialRow>(`${selectCredential} WHERE credential_id = ?`, credentialId);
  return row && toCredential(row);
}

function toCredential(row: CredentialRow): WatchedCredential {
  const details = row.details === null ? {} : JSON.parse(row.details);
  return {
    credentialId: row.credential_id,
    version: BigInt(row.version),
    openEpisodeId: row.open_episode_id ?? undefined,
    gone: row.gone === 1,
    ...(details as Pick<WatchedCredential, 'expiresAtMs' | 'delay'>),
  };
}

function writeCredential(sql: Sql, credential: WatchedCredential): void {
  const { credentialId, version, openEpisodeId, gone, expiresAtMs, delay } = credential;
  sql.run(
    `INSERT OR REPLACE INTO credentials (credential_id, version, open_episode_id, gone, details, delayed_since_ms)
     VALUES (?, ?, ?, ?, ?, ?)`,
    credentialId,
    version.toString(),
    openEpisodeId ?? null,
    Number(gone),
    JSON.stringify({ expiresAtMs, delay }),
    untoldDelaySinceMs(credential) ?? null,
  );
}
