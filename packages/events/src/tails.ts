import type { EventLog, Subscription } from './event-log.ts';
import type { Recipient } from './partition-reader.ts';
import type { PartitionReaders } from './partition-readers.ts';
import { partitionsOf } from './topic-partition.ts';

/** Readers for themselves alone: everything goes to them, and their place is kept nowhere. */
export type Tails = {
  start(options: Parameters<EventLog['tail']>[0]): Subscription;
  /** Deliveries under way. */
  running(): Promise<unknown>[];
};

export function createTails(options: {
  readers: PartitionReaders;
  newestOffset: () => bigint;
}): Tails {
  const { readers } = options;
  const tails = new Set<Recipient>();

  return {
    start({ topics, from, handle, caughtUp }) {
      const newest = options.newestOffset();
      const places = partitionsOf(topics);
      const recipient: Recipient = { handle, running: new Set() };
      tails.add(recipient);
      let behind = places.length;
      let isOver = false;
      const oneCaughtUp = () => {
        behind--;
        if (behind === 0 && !isOver) caughtUp?.();
      };
      const own = places.map(([topic, partition]) => ({
        topic,
        partition,
        reader: readers.add(topic, partition, {
          after: from === 'start' ? 0n : newest,
          recipient: () => (isOver ? undefined : recipient),
          handled: () => undefined,
          caughtUp: { until: newest, call: oneCaughtUp },
          isOver: () => isOver,
        }),
      }));
      return {
        async stop() {
          isOver = true;
          for (const { topic, partition, reader } of own) {
            readers.remove(topic, partition, reader);
            reader.interrupt();
          }
          await Promise.all(recipient.running);
          tails.delete(recipient);
        },
      };
    },
    running: () => [...tails].flatMap(({ running }) => [...running]),
  };
}
