import { type Clock, createPeriodic, type Logger } from '@credential-renewal/runtime';
import type { SqliteDatabase } from '@credential-renewal/storage';
import { createConsumerGroups } from './consumer-groups.ts';
import { TopicUnknownError } from './errors.ts';
import type { EventLog } from './event-log.ts';
import { deleteOldEvents } from './event-retention.ts';
import {
  countEvents,
  type EventEntry,
  insertEvent,
  newestOffset,
  openEventDatabase,
} from './event-table.ts';
import { createGroupProgress, type GroupProgress } from './group-progress.ts';
import { createPartitionReaders } from './partition-readers.ts';
import { createTails } from './tails.ts';
import {
  checkReadable,
  deadLetterTopic,
  isTopic,
  partitionOf,
  partitionsOf,
} from './topic-partition.ts';

const sweepIntervalMs = 60 * 60 * 1000;
const sweepBatch = 500;

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
  const database = openEventDatabase(directory);
  const watched = watchWrites(database);
  let closed = false;
  const isClosed = () => closed;
  const progress = createGroupProgress(database, watched.write, logger);
  const readers = createPartitionReaders({ database, isClosed, logger, random });
  const groups = createConsumerGroups({ readers, progress, isClosed });
  const tails = createTails({ readers, newestOffset: () => database.read(newestOffset) });
  const sweep = createPeriodic({
    name: 'event retention',
    intervalMs: sweepIntervalMs,
    logger,
    run: async (signal) => {
      let deleted = sweepBatch;
      while (deleted >= sweepBatch && !signal.aborted) {
        deleted = await watched.write((sql) => deleteOldEvents(sql, clock.nowMs(), sweepBatch));
      }
    },
  });

  async function append(entries: readonly EventEntry[]): Promise<void> {
    const nowMs = clock.nowMs();
    await watched.write((sql) => {
      for (const entry of entries) insertEvent(sql, entry, nowMs);
    });
    for (const { topic, event } of entries) readers.wake(topic, partitionOf(event.partitionkey));
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
    async subscribe(subscription) {
      checkReadable(subscription.topics);
      return groups.subscribe(subscription);
    },
    async tail(tail) {
      checkReadable(tail.topics);
      return tails.start(tail);
    },
    async lag(group) {
      await progress.flush();
      return countLag(database, progress, group, groups.topicsOf(group));
    },
    problem: () => (closed ? 'the event log is closed' : watched.problem()),
    async close() {
      if (closed) return;
      closed = true;
      readers.interruptAll();
      await Promise.all([...groups.running(), ...tails.running()]);
      await sweep.stop();
      await progress
        .flush()
        .catch((err) => logger.error({ err }, 'progress was not stored; some events come again'));
      await database.close();
    },
  };
}

/** The database's `write`, and what was wrong with the last one. */
function watchWrites(database: SqliteDatabase) {
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
  return { write, problem: () => problem };
}

function countLag(
  database: SqliteDatabase,
  progress: GroupProgress,
  group: string,
  subscribedTo: readonly string[],
): Record<string, number> {
  const lag: Record<string, number> = {};
  for (const [topic, partition] of partitionsOf([...progress.topicsOf(group), ...subscribedTo])) {
    const handled = progress.handledUpTo(group, topic, partition);
    const waiting = database.read((sql) => countEvents(sql, topic, partition, handled));
    lag[topic] = (lag[topic] ?? 0) + waiting;
  }
  return lag;
}
