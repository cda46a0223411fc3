/**
 * Which events a group has handled, by id. The log delivers at least once; handlers are idempotent by the versions they compare, and the inbox spares
 * them the work (and tells how often it happens). The law for every engine (`inbox.contract.ts` checks it):
 *
 * - `add` after the handler's effect is durable, so a crash between the two brings the event again, never loses it.
 * - an id is kept for 31 days, a day longer than an event stays in the log.
 */
export type Inbox = {
  has(eventId: string): Promise<boolean>;
  /** Adding an id again does nothing. */
  add(eventId: string): Promise<void>;
};

export const inboxKeptMs = 31 * 24 * 60 * 60 * 1000;
