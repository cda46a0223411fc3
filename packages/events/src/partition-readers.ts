import type { Logger } from '@credential-renewal/runtime';
import type { SqliteDatabase } from '@credential-renewal/storage';
import { readEvents } from './event-table.ts';
import {
  createPartitionReader,
  type PartitionReader,
  type PartitionReaderOptions,
} from './partition-reader.ts';

/** All readers of the log, by the partition they read. */
export type PartitionReaders = {
  /** The reader ends with `isOver`, or with the log. */
  add(
    topic: string,
    partition: number,
    delivery: Pick<PartitionReaderOptions, 'after' | 'recipient' | 'handled' | 'caughtUp'> & {
      isOver?: () => boolean;
    },
  ): PartitionReader;
  remove(topic: string, partition: number, reader: PartitionReader): void;
  /** There is something new in the partition. */
  wake(topic: string, partition: number): void;
  interruptAll(): void;
};

export function createPartitionReaders(options: {
  database: SqliteDatabase;
  isClosed: () => boolean;
  logger: Logger;
  random: () => number;
}): PartitionReaders {
  const { database, isClosed, logger, random } = options;
  const byPlace = new Map<string, Set<PartitionReader>>();
  const at = (topic: string, partition: number) => {
    const place = `${topic} ${partition}`;
    const readers = byPlace.get(place) ?? new Set();
    byPlace.set(place, readers);
    return readers;
  };

  return {
    add(topic, partition, delivery) {
      const reader = createPartitionReader({
        ...delivery,
        recipient: () => (isClosed() ? undefined : delivery.recipient()),
        read: (after, limit) =>
          database.read((sql) => readEvents(sql, topic, partition, after, limit)),
        isClosed: () => isClosed() || delivery.isOver?.() === true,
        logger,
        random,
      });
      at(topic, partition).add(reader);
      return reader;
    },
    remove(topic, partition, reader) {
      at(topic, partition).delete(reader);
    },
    wake(topic, partition) {
      for (const reader of at(topic, partition)) reader.wake();
    },
    interruptAll() {
      for (const readers of byPlace.values()) for (const reader of readers) reader.interrupt();
    },
  };
}
