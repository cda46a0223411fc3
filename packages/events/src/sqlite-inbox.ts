import type { Sql } from '@credential-renewal/storage';

/** A day longer than an event stays in the log. */
const keptMs = 31 * 24 * 60 * 60 * 1000;
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

/**
 * Whether `group` sees this event for the first time; it is then remembered for 31 days. For use inside the write that applies
 * the event, so that a redelivered event (same id) finds either both or neither.
 */
export function firstSeen(sql: Sql, group: string, eventId: string, nowMs: number): boolean {
  const isFirst =
    sql.run(
      'INSERT INTO inbox ("group", event_id, seen_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      group,
      eventId,
      nowMs,
    ) === 1;
  // A few with each event: always more than arrive, never a long pause.
  if (isFirst) {
    sql.run(
      `DELETE FROM inbox WHERE ("group", event_id) IN (
         SELECT "group", event_id FROM inbox WHERE seen_ms < ? LIMIT ?)`,
      nowMs - keptMs,
      prunedAtOnce,
    );
  }
  return isFirst;
}
