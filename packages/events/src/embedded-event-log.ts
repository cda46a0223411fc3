import { join } from 'node:path';
import { type Clock, createPeriodic, type Logger } from '@credential-renewal/runtime';
import {
  DatabaseInUseError,
  openSqlite,
  type SqliteDatabase,
  type SqlValue,
} from '@credential-renewal/storage';
import type { CloudEvent } from './cloud-event.ts';
import { EventLogInUseError, TopicUnknownError } from './errors.ts';
import type { DeadLetter, EventLog, LoggedEvent, Subscription } from './event-log.ts';
import { deleteOldEvents } from './event-retention.ts';
import { createGroupProgress } from './group-progress.ts';
import { createPartitionReader, type PartitionReader, type Recipient } from './partition-reader.ts';
import {
  checkReadable,
  deadLetterTopic,
  isTopic,
  partitionCount,
  partitionOf,
} from './topic-partition.ts';

/**
 * One table; an event's offset is its row id, which only rises, also after deletions (AUTOINCREMENT). So offsets rise within each
 * partition, with gaps, as they do in a compacted Kafka topic.
 */
export const embeddedEventLogMigrations = [
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

const sweepIntervalMs = 60 * 60 * 1000;
const sweepBatch = 500;

type Entry = { topic: string; event: CloudEvent; deadLetter?: DeadLetter };
type Member = Recipient & { topics: ReadonlySet<string> };
type Group = { members: Member[]; readers: Map<string, PartitionReader> };

/**
 * The event log inside one process, in `<directory>/events.db`. Readers are woken by `publish`; nobody polls. Throws
 * EventLogInUseError when another process has it, and the errors of packages/storage.
 */
export async function openEmbeddedEventLog(options: {
  directory: string;
  clock: Clock;
  logger: Logger;
  random?: () => number;
}): Promise<EventLog> {
  const { directory, clock, logger, random = Math.random } = options;
  const database = openDatabase(directory);
  const groups = new Map<string, Group>();
  const tails = new Set<Recipient>();
  const readers = new Map<string, Set<PartitionReader>>();
  let closed = false;
  let problem: string | undefined;

  const write: SqliteDatabase['write'] = async (work) => {
    try {
      const result = await database.write(work);
      problem = undefined;
      return result;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      throw error;
    }
  };
  const progress = createGroupProgress(database, write, logger);
  const sweep = createPeriodic({
    name: 'event retention',
    intervalMs: sweepIntervalMs,
    logger,
    run: async (signal) => {
      let deleted = sweepBatch;
      while (deleted >= sweepBatch && !signal.aborted) {
        deleted = await write((sql) => deleteOldEvents(sql, clock.nowMs(), sweepBatch));
      }
    },
  });

  async function append(entries: readonly Entry[]): Promise<void> {
    const nowMs = clock.nowMs();
    await write((sql) => {
      for (const entry of entries) {
        sql.run(
          `INSERT INTO events (topic, partition, key, logged_ms, is_tombstone, event, dead_letter)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
          ...columnsOf(entry, nowMs),
        );
      }
    });
    for (const { topic, event } of entries) {
      for (const reader of readers.get(`${topic} ${partitionOf(event.partitionkey)}`) ?? [])
        reader.wake();
    }
  }

  function addReader(
    topic: string,
    partition: number,
    delivery: Pick<
      Parameters<typeof createPartitionReader>[0],
      'after' | 'recipient' | 'handled' | 'caughtUp'
    > & { isOver?: () => boolean },
  ): PartitionReader {
    const reader = createPartitionReader({
      ...delivery,
      recipient: () => (closed ? undefined : delivery.recipient()),
      read: (after, limit) => readEvents(database, topic, partition, after, limit),
      isClosed: () => closed || delivery.isOver?.() === true,
      logger,
      random,
    });
    const place = `${topic} ${partition}`;
    readers.set(place, (readers.get(place) ?? new Set()).add(reader));
    return reader;
  }

  function addGroupReader(group: string, topic: string, partition: number): PartitionReader {
    return addReader(topic, partition, {
      after: progress.handledUpTo(group, topic, partition),
      recipient: () => ownerOf(groups.get(group), topic, partition),
      handled: (offset) => progress.handled(group, topic, partition, offset),
    });
  }

  return {
    async publish(events) {
      for (const event of events) if (!isTopic(event.type)) throw new TopicUnknownError(event.type);
      if (events.length > 0) await append(events.map((event) => ({ topic: event.type, event })));
    },

    async publishDeadLetter({ group, logged, error }) {
      const { topic, partition, offset, event } = logged;
      const deadLetter = { group, topic, partition, offset, error };
      await append([{ topic: deadLetterTopic(group), event, deadLetter }]);
    },

    async subscribe({ group: name, topics, handle }) {
      checkReadable(topics);
      const member: Member = { topics: new Set(topics), handle, running: new Set() };
      const group: Group = groups.get(name) ?? { members: [], readers: new Map() };
      groups.set(name, group);
      group.members.push(member);
      // A group's readers stay for the life of the log: a member that joins while the last one leaves takes over the same
      // readers, so no event is ever in two hands.
      for (const [topic, partition] of partitionsOf(topics)) {
        const place = `${topic} ${partition}`;
        if (!group.readers.has(place)) {
          group.readers.set(place, addGroupReader(name, topic, partition));
        }
      }
      for (const reader of group.readers.values()) reader.interrupt();
      return {
        async stop() {
          group.members = group.members.filter((other) => other !== member);
          for (const reader of group.readers.values()) reader.interrupt();
          await Promise.all(member.running);
          if (!closed) await progress.flush();
        },
      };
    },

    async tail({ topics, from, handle, caughtUp }) {
      checkReadable(topics);
      return startTail({ topics, from, handle, caughtUp });
    },

    async lag(group) {
      await progress.flush();
      const subscribed = groups.get(group)?.members.flatMap((member) => [...member.topics]) ?? [];
      const lag: Record<string, number> = {};
      for (const [topic, partition] of partitionsOf(
        new Set([...progress.topicsOf(group), ...subscribed]),
      )) {
        const handled = progress.handledUpTo(group, topic, partition);
        lag[topic] = (lag[topic] ?? 0) + countEvents(database, topic, partition, handled);
      }
      return lag;
    },

    problem: () => (closed ? 'the event log is closed' : problem),

    async close() {
      if (closed) return;
      closed = true;
      const recipients = [...tails, ...[...groups.values()].flatMap((group) => group.members)];
      for (const place of readers.values()) for (const reader of place) reader.interrupt();
      await Promise.all(recipients.flatMap((recipient) => [...recipient.running]));
      await sweep.stop();
      await progress
        .flush()
        .catch((err) => logger.error({ err }, 'progress was not stored; some events come again'));
      await database.close();
    },
  };

  function startTail(tail: Parameters<EventLog['tail']>[0]): Subscription {
    const newest = newestOffset(database);
    const places = partitionsOf(tail.topics);
    let behind = places.length;
    let over = false;
    const recipient: Recipient = { handle: tail.handle, running: new Set() };
    tails.add(recipient);
    const own = places.map(([topic, partition]) => ({
      place: `${topic} ${partition}`,
      reader: addReader(topic, partition, {
        after: tail.from === 'start' ? 0n : newest,
        recipient: () => (over ? undefined : recipient),
        handled: () => undefined,
        caughtUp: {
          until: newest,
          call: () => {
            behind--;
            if (behind === 0) tail.caughtUp?.();
          },
        },
        isOver: () => over,
      }),
    }));
    return {
      async stop() {
        over = true;
        for (const { place, reader } of own) {
          readers.get(place)?.delete(reader);
          reader.interrupt();
        }
        await Promise.all(recipient.running);
        tails.delete(recipient);
      },
    };
  }
}

function openDatabase(directory: string): SqliteDatabase {
  try {
    return openSqlite({
      path: join(directory, 'events.db'),
      name: 'event-log',
      migrations: embeddedEventLogMigrations,
    });
  } catch (error) {
    throw error instanceof DatabaseInUseError ? new EventLogInUseError(directory) : error;
  }
}

function ownerOf(group: Group | undefined, topic: string, partition: number): Member | undefined {
  const candidates = group?.members.filter((member) => member.topics.has(topic)) ?? [];
  return candidates[partition % candidates.length];
}

function partitionsOf(topics: Iterable<string>): [topic: string, partition: number][] {
  return [...new Set(topics)].flatMap((topic) =>
    Array.from({ length: partitionCount }, (_, partition): [string, number] => [topic, partition]),
  );
}

function columnsOf({ topic, event, deadLetter }: Entry, nowMs: number): SqlValue[] {
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

function readEvents(
  database: SqliteDatabase,
  topic: string,
  partition: number,
  after: bigint,
  limit: number,
): LoggedEvent[] {
  const rows = database.read((sql) =>
    sql.all<{ offset: number; event: string; dead_letter: string | null }>(
      `SELECT "offset", event, dead_letter FROM events
       WHERE topic = ? AND partition = ? AND "offset" > ? ORDER BY "offset" LIMIT ?`,
      topic,
      partition,
      after,
      limit,
    ),
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

function countEvents(
  database: SqliteDatabase,
  topic: string,
  partition: number,
  after: bigint,
): number {
  const row = database.read((sql) =>
    sql.get<{ count: number }>(
      'SELECT count(*) AS count FROM events WHERE topic = ? AND partition = ? AND "offset" > ?',
      topic,
      partition,
      after,
    ),
  );
  return row?.count ?? 0;
}

/** 0 when nothing was ever logged. */
function newestOffset(database: SqliteDatabase): bigint {
  const row = database.read((sql) =>
    sql.get<{ newest: number | null }>('SELECT max("offset") AS newest FROM events'),
  );
  return BigInt(row?.newest ?? 0);
}
