import { backoffMs, type Logger } from '@credential-renewal/runtime';
import type { LoggedEvent } from './event-log.ts';

/** An event, or what may be one, with its place. */
export type Delivered = Pick<LoggedEvent, 'topic' | 'partition' | 'offset'>;

/** Who gets the events of a partition at the moment. */
export type Recipient<Event extends Delivered = LoggedEvent> = {
  handle: (logged: Event) => Promise<void> | void;
  /** Deliveries under way, for whoever has to wait for them. */
  running: Set<Promise<unknown>>;
};

export type PartitionReader = {
  /** There may be something new. */
  wake(): void;
  /** The recipient may have changed, or the reader is to end: also cuts short the wait after a failure. */
  interrupt(): void;
};

const batchSize = 100;

export type PartitionReaderOptions<Event extends Delivered = LoggedEvent> = {
  /** The offset of the last event that is not to be delivered any more. */
  after: bigint;
  read: (after: bigint, limit: number) => Event[];
  recipient: () => Recipient<Event> | undefined;
  handled: (offset: bigint) => void;
  /** Called once, when everything up to `until` has been handled. */
  caughtUp?: { until: bigint; call: () => void };
  isClosed: () => boolean;
  logger: Logger;
  random: () => number;
};

/**
 * Delivers the events of one partition strictly one after another. The recipient is asked for before each event, so a
 * partition changes hands exactly when the handler that runs is over, without any protocol for it.
 */
export function createPartitionReader<Event extends Delivered>(
  options: PartitionReaderOptions<Event>,
): PartitionReader {
  let position = options.after;
  let failures = 0;
  let caughtUp = options.caughtUp;
  let resume: (() => void) | undefined;
  let resumesOnWake = false;

  function wait(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        resume = undefined;
        resolve();
      };
      const timer = ms === undefined ? undefined : setTimeout(end, ms);
      resume = end;
      resumesOnWake = ms === undefined;
    });
  }

  function reached(offset: bigint | undefined): void {
    if (!caughtUp || (offset !== undefined && offset <= caughtUp.until)) return;
    const { call } = caughtUp;
    caughtUp = undefined;
    call();
  }

  async function deliver(to: Recipient<Event>, logged: Event): Promise<void> {
    try {
      await to.handle(logged);
      position = logged.offset;
      failures = 0;
      options.handled(position);
    } catch (err) {
      failures++;
      const { topic, partition, offset } = logged;
      options.logger.warn(
        { err, topic, partition, offset: String(offset), failures },
        'an event could not be handled; it is delivered again',
      );
    }
  }

  /** Answers false when there is nothing to do until somebody wakes the reader. */
  async function deliverBatch(): Promise<boolean> {
    if (!options.recipient()) return false;
    const batch = options.read(position, batchSize);
    reached(batch[0]?.offset);
    for (const logged of batch) {
      const to = options.recipient();
      if (!to) return false;
      reached(logged.offset);
      const delivery = deliver(to, logged);
      to.running.add(delivery);
      await delivery;
      to.running.delete(delivery);
      if (failures > 0) return true;
    }
    return batch.length > 0;
  }

  async function loop(): Promise<void> {
    while (!options.isClosed()) {
      let more = true;
      try {
        more = await deliverBatch();
      } catch (err) {
        if (options.isClosed()) return;
        failures++;
        options.logger.error({ err }, 'the event log could not be read; it is tried again');
      }
      // Nothing is awaited between the look at the log and the wait, so no wake-up is missed.
      if (!more) await wait();
      else if (failures > 0) {
        await wait(backoffMs(failures, { baseMs: 50, maxMs: 5000, random: options.random }));
      } else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  // Not before the caller has got what it asked for.
  setImmediate(() => void loop());
  return {
    wake: () => {
      if (resumesOnWake) resume?.();
    },
    interrupt: () => resume?.(),
  };
}
