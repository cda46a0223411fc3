import type { CloudEvent } from './cloud-event.ts';
import type { MessageUnreadableError } from './errors.ts';
import type { DeadLetter } from './event-log.ts';

/** A dead letter that has not been replayed. */
export type WaitingLetter = {
  partition: number;
  offset: bigint;
  /** Undefined: it does not say where it came from. */
  deadLetter: DeadLetter | undefined;
  content: CloudEvent | MessageUnreadableError;
  /**
   * Puts the event into `<group>.replay`; what cannot be read goes to the end of the dead letters, as it is, and waits there for a release that
   * can. Resolves when that is acknowledged and noted, so that the next replay begins behind it.
   */
  settle(): Promise<void>;
};

/** The dead letters of one group, as an operator goes through them: from where the last replay ended. */
export type DeadLetterBox = {
  /** Those that are there at the call. */
  waiting(): AsyncIterable<WaitingLetter>;
  close(): Promise<void>;
};

/** The group that keeps the place of the replay of another. */
export function replayGroup(group: string): string {
  return `${group}.dlq-replay`;
}
