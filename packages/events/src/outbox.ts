import type { CloudEvent } from './cloud-event.ts';

/**
 * Events that a service's store wrote in the same atomic change as the state they tell of. The relay publishes them in
 * order and forgets them only after the log acknowledged, so each is published at least once.
 */
export type Outbox = {
  /** The oldest, in the order they were written. */
  pending(limit: number): Promise<{ position: string; event: CloudEvent }[]>;
  remove(positions: readonly string[]): Promise<void>;
  /** How many wait, and the age of the oldest in ms (0 when empty). */
  backlog(): Promise<{ count: number; oldestAgeMs: number }>;
};
