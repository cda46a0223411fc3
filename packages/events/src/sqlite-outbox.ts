import { type Clock, systemClock } from '@credential-renewal/runtime';
import type { Sql, SqliteDatabase } from '@credential-renewal/storage';
import type { CloudEvent } from './cloud-event.ts';
import type { Outbox } from './outbox.ts';

/** A migration for the database of the service whose events these are. */
export const sqliteOutboxSchema = `
  CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    time_ms INTEGER NOT NULL,
    event TEXT NOT NULL
  ) STRICT;`;

/** For use inside the write that makes the change the events tell of. */
export function appendToOutbox(sql: Sql, events: readonly CloudEvent[]): void {
  for (const event of events) {
    sql.run(
      'INSERT INTO outbox (time_ms, event) VALUES (?, ?)',
      Date.parse(event.time),
      JSON.stringify(event),
    );
  }
}

/** `clock` is the one that stamped the events; it tells how old the oldest is. */
export function sqliteOutbox(database: SqliteDatabase, clock: Clock = systemClock): Outbox {
  return {
    async pending(limit) {
      const rows = database.read((sql) =>
        sql.all<{ position: number; event: string }>(
          'SELECT position, event FROM outbox ORDER BY position LIMIT ?',
          limit,
        ),
      );
      return rows.map((row) => ({
        position: String(row.position),
        event: JSON.parse(row.event) as CloudEvent,
      }));
    },

    async remove(positions) {
      await database.write((sql) => {
        for (const position of positions)
          sql.run('DELETE FROM outbox WHERE position = ?', BigInt(position));
      });
    },

    async backlog() {
      const row = database.read((sql) =>
        sql.get<{ count: number; oldest: number | null }>(
          'SELECT count(*) AS count, min(time_ms) AS oldest FROM outbox',
        ),
      );
      const oldest = row?.oldest ?? undefined;
      return {
        count: row?.count ?? 0,
        oldestAgeMs: oldest === undefined ? 0 : Math.max(0, clock.nowMs() - oldest),
      };
    },
  };
}
