import type { CloudEvent } from './cloud-event.ts';

/** An event with its place in the log. A dead-letter topic is `<group>.dlq`. */
export type LoggedEvent = {
  topic: string;
  partition: number;
  offset: bigint;
  event: CloudEvent;
  /** Only in a dead-letter topic. */
  deadLetter?: DeadLetter;
};

/** Where an event stood that a group could not handle, and why it could not. */
export type DeadLetter = {
  group: string;
  topic: string;
  partition: number;
  offset: bigint;
  error: string;
};

export type Subscription = {
  /** No further deliveries; resolves when the running handlers are over and what they finished is committed. */
  stop(): Promise<void>;
};

/**
 * Where events go and come from. The law for every engine (`event-log.contract.ts` checks it):
 *
 * - durable: when `publish` resolves, the events survive a kill -9 of everything.
 * - ordered: events with the same `partitionkey` in a topic are delivered in the order they were published, also within one
 *   `publish`; the next one only after the handler of the one before it has resolved. Nothing is said across keys.
 * - at least once: an event is delivered to one member of each group until its handler has resolved; after a crash or a
 *   handler's failure it comes again, and those after it in its partition wait.
 * - a new group begins at the start of the log, and a group's progress survives restarts.
 * - topics are those of `cloud-event.ts` and the groups' `.dlq` and `.replay`; publishing elsewhere is an error.
 */
export type EventLog = {
  publish(events: readonly CloudEvent[]): Promise<void>;

  /** Joins a consumer group. Members of one group share its partitions; a member that leaves hands its own over. */
  subscribe(options: {
    group: string;
    topics: readonly string[];
    handle: (logged: LoggedEvent) => Promise<void>;
    /** This member gets a partition, or gets it back: others may have handled what lies between. */
    began?: (topic: string, partition: number) => void;
  }): Promise<Subscription>;

  /**
   * Reads everything, for itself alone and without keeping a place: `start` from what is kept, `end` only what comes. `caughtUp` is
   * called once, when what was there at the call has been handled.
   */
  tail(options: {
    topics: readonly string[];
    from: 'start' | 'end';
    handle: (logged: LoggedEvent) => Promise<void> | void;
    caughtUp?: () => void;
  }): Promise<Subscription>;

  /** Sets an event aside that a group cannot handle, with where it came from and why. */
  publishDeadLetter(options: { group: string; logged: LoggedEvent; error: string }): Promise<void>;

  /** Events that a group has not handled yet, per topic: its lag. */
  lag(group: string): Promise<Record<string, number>>;

  /** Undefined: usable. Otherwise what is wrong. */
  problem(): string | undefined;

  close(): Promise<void>;
};
