import type { Clock } from '@credential-renewal/runtime';
import type { SqliteDatabase } from '@credential-renewal/storage';
import { type Inbox, inboxKeptMs } from './inbox.ts';

const prunedAtOnce = 10;

/** A migration for the database of the service that consumes. */
export const sqliteInboxSchema = `
  CREATE TABLE inbox (
    "group" TEXT NOT NULL,
    event_id TEXT NOT NULL,
    seen_ms INTEGER NOT NULL,
    PRIMARY KEY ("group", event_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX inbox_by_age ON inbox (seen_ms);`;

export function sqliteInbox(database: SqliteDatabase, group: string, clock: Clock): Inbox {
  return {
    has: async (eventId) =>
      database.read((sql) =>
        sql.get('SELECT 1 FROM inbox WHERE "group" = ? AND event_id = ?', group, eventId),
      ) !== undefined,

    add: (eventId) =>
      database.write((sql) => {
        const nowMs = clock.nowMs();
        sql.run(
          'INSERT INTO inbox ("group", event_id, seen_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
          group,
          eventId,
          nowMs,
        );
        // A few with each event: always more than arrive, never a long pause.
        sql.run(
          `DELETE FROM inbox WHERE ("group", event_id) IN (
             SELECT "group", event_id FROM inbox WHERE seen_ms < ? LIMIT ?)`,
          nowMs - inboxKeptMs,
          prunedAtOnce,
        );
      }),
  };
}
