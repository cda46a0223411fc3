import type { Logger } from '@credential-renewal/runtime';
import { createPartitionReader, type Recipient } from '../partition-reader.ts';
import type { FetchedMessage } from './kafka-cluster.ts';
import type { Place } from './place.ts';

/** A message with its place; `topic` is the name that the brokers know. */
export type PlacedMessage = Place & { offset: bigint; message: FetchedMessage };

/**
 * One partition as one reader sees it: what was fetched waits here and is handled strictly one after another, while the other partitions
 * go on.
 */
export type PartitionLane = Place & {
  /** What is to be fetched next. */
  next(): bigint;
  /** Whether there is room. */
  wantsMore(): boolean;
  take(messages: readonly FetchedMessage[]): void;
  /** Goes on at another offset: what was to be fetched next is not there. */
  skipTo(offset: bigint): void;
  /** The first message that has not been handled yet; where none waits, the one that is to be fetched next. */
  position(): bigint;
  isRunning(): boolean;
  /** Resolves when the handler that runs now is over and, if it succeeded, `handled` has been called. */
  quiet(): Promise<void>;
  /** Whether something may begin has changed. */
  wake(): void;
  /** Nothing begins any more. Resolves as `quiet`. */
  end(): Promise<void>;
};

/** Enough for the handlers to have work while the next fetch waits. */
const roomFor = 200;

export function createPartitionLane(
  options: Place & {
    start: bigint;
    handle: (placed: PlacedMessage) => Promise<void>;
    /** Asked before each message. */
    mayBegin: () => boolean;
    handled: (offset: bigint) => void;
    /** What is to be fetched next has changed. */
    advanced?: () => void;
    /** A handler is over, successful or not, and the next has not begun. */
    isOver?: () => void;
    /** There is room again. */
    hungry: () => void;
    logger: Logger;
    random: () => number;
  },
): PartitionLane {
  const { topic, partition } = options;
  const waiting: PlacedMessage[] = [];
  let next = options.start;
  let isEnded = false;

  const recipient: Recipient<PlacedMessage> = {
    running: new Set(),
    async handle(placed) {
      try {
        // The end of a stranger's transaction is no message, but it counts: without it the group would always be behind.
        if (!placed.message.isControlRecord) await options.handle(placed);
      } finally {
        if (options.isOver) setImmediate(options.isOver);
      }
    },
  };
  const reader = createPartitionReader<PlacedMessage>({
    after: options.start - 1n,
    read: (_, limit) => waiting.slice(0, limit),
    recipient: () => (!isEnded && options.mayBegin() ? recipient : undefined),
    handled(offset) {
      waiting.shift();
      options.handled(offset);
      if (waiting.length === Math.floor(roomFor / 2)) options.hungry();
    },
    isClosed: () => isEnded,
    logger: options.logger,
    random: options.random,
  });

  const quiet = async () => {
    await Promise.all(recipient.running);
  };

  return {
    topic,
    partition,
    next: () => next,
    wantsMore: () => !isEnded && waiting.length < roomFor,
    take(messages) {
      if (isEnded) return;
      for (const message of messages) {
        const offset = BigInt(message.offset);
        // A broker gives whole batches, which may begin before what was asked for.
        if (offset < next) continue;
        next = offset + 1n;
        waiting.push({ topic, partition, offset, message });
      }
      reader.wake();
      options.advanced?.();
    },
    skipTo(offset) {
      next = offset;
      options.advanced?.();
    },
    position: () => waiting[0]?.offset ?? next,
    isRunning: () => recipient.running.size > 0,
    quiet,
    wake: reader.interrupt,
    end() {
      isEnded = true;
      reader.interrupt();
      return quiet();
    },
  };
}
