import { join } from 'node:path';
import {
  DatabaseInUseError,
  openSqlite,
  type Sql,
  type SqliteDatabase,
  type SqlValue,
} from '@credential-renewal/storage';
import type { CloudEvent } from './cloud-event.ts';
import { EventLogInUseError } from './errors.ts';
import type { DeadLetter, LoggedEvent } from './event-log.ts';
import { partitionOf } from './topic-partition.ts';

/**
 * One table; an event's offset is its row id, which only rises, also after deletions (AUTOINCREMENT). So offsets rise within each
 * partition, with gaps, as they do in a compacted Kafka topic.
 */
export const eventTableMigrations = [
  `CREATE TABLE events (
     "offset" INTEGER PRIMARY KEY AUTOINCREMENT,
     topic TEXT NOT NULL,
     partition INTEGER NOT NULL,
     key TEXT NOT NULL,
     logged_ms INTEGER NOT NULL,
     is_tombstone INTEGER NOT NULL,
     event TEXT NOT NULL,
     dead_letter TEXT
   ) STRICT;
   CREATE INDEX events_by_partition ON events (topic, partition, "offset");
   CREATE INDEX events_by_key ON events (topic, key, "offset");
   CREATE INDEX events_by_age ON events (topic, logged_ms);
   CREATE TABLE progress (
     "group" TEXT NOT NULL,
     topic TEXT NOT NULL,
     partition INTEGER NOT NULL,
     "offset" INTEGER NOT NULL,
     PRIMARY KEY ("group", topic, partition)
   ) STRICT, WITHOUT ROWID;`,
];

export type EventEntry = { topic: string; event: CloudEvent; deadLetter?: DeadLetter };

export function openEventDatabase(directory: string): SqliteDatabase {
  try {
    return openSqlite({
      path: join(directory, 'events.db'),
      name: 'event-log',
      migrations: eventTableMigrations,
    });
  } catch (error) {
    throw error instanceof DatabaseInUseError ? new EventLogInUseError(directory) : error;
  }
}

export function insertEvent(sql: Sql, entry: EventEntry, nowMs: number): void {
  sql.run(
    `INSERT INTO events (topic, partition, key, logged_ms, is_tombstone, event, dead_letter)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ...columnsOf(entry, nowMs),
  );
}

function columnsOf({ topic, event, deadLetter }: EventEntry, nowMs: number): SqlValue[] {
  return [
    topic,
    partitionOf(event.partitionkey),
    event.partitionkey,
    nowMs,
    event.data === null ? 1 : 0,
    JSON.stringify(event),
    deadLetter ? JSON.stringify({ ...deadLetter, offset: String(deadLetter.offset) }) : null,
  ];
}

/** The next `limit` events of a partition. */
export function readEvents(
  sql: Sql,
  topic: string,
  partition: number,
  after: bigint,
  limit: number,
): LoggedEvent[] {
  const rows = sql.all<{ offset: number; event: string; dead_letter: string | null }>(
    `SELECT "offset", event, dead_letter FROM events
     WHERE topic = ? AND partition = ? AND "offset" > ? ORDER BY "offset" LIMIT ?`,
    topic,
    partition,
    after,
    limit,
  );
  return rows.map((row) => ({
    topic,
    partition,
    offset: BigInt(row.offset),
    event: JSON.parse(row.event) as CloudEvent,
    ...(row.dead_letter === null ? {} : { deadLetter: parseDeadLetter(row.dead_letter) }),
  }));
}

function parseDeadLetter(text: string): DeadLetter {
  const stored = JSON.parse(text) as Omit<DeadLetter, 'offset'> & { offset: string };
  return { ...stored, offset: BigInt(stored.offset) };
}

export function countEvents(sql: Sql, topic: string, partition: number, after: bigint): number {
  const row = sql.get<{ count: number }>(
    'SELECT count(*) AS count FROM events WHERE topic = ? AND partition = ? AND "offset" > ?',
    topic,
    partition,
    after,
  );
  return row?.count ?? 0;
}

/** 0 when the log is empty. */
export function newestOffset(sql: Sql): bigint {
  const row = sql.get<{ newest: number | null }>('SELECT max("offset") AS newest FROM events');
  return BigInt(row?.newest ?? 0);
}
