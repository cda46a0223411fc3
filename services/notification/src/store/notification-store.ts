import type { DeliveryWindow } from '../notice/delivery.ts';
import type { WatchedCredential } from '../notice/watched-credential.ts';
import type {
  Notification,
  NotificationKey,
  NotificationKind,
  NotificationState,
} from '../notification.ts';

/** What goes out together: everything of one kind, or, where the recipient has chosen it, everything of the day. */
export type DigestKey = { userId: string; of: NotificationKind | 'daily' };

/**
 * What this service remembers. The law for every engine (`notification-store.contract.ts` checks it):
 *
 * - Every change is one conditional change of one document. A transition is pure and may run more than once.
 * - `create` decides by the unique key (episode, recipient, kind, number): of any number of concurrent calls exactly one
 *   answers true, and what it wrote is what stays.
 * - `update` applies the transition to the newest document, and no concurrent update is lost.
 * - When a promise resolves, the change survives a kill -9.
 * - Reads see every change that had resolved before they began.
 */
export type NotificationStore = {
  /** False: that key exists already, and nothing was changed. */
  create(notification: Notification): Promise<boolean>;
  find(key: NotificationKey): Promise<Notification | undefined>;
  /** Resolves with the document after the change. Throws NotificationNotFoundError. */
  update(id: string, transition: (now: Notification) => Notification): Promise<Notification>;

  /** Of kind `expired`, with `episodeOpen`, oldest first. */
  listOpenOfCredential(credentialId: string): Promise<Notification[]>;
  /** Waiting, of any kind; oldest first. */
  listWaitingOfCredential(credentialId: string): Promise<Notification[]>;
  /** Of any kind and state, newest first; `after` is the id of the last one of the page before. */
  listOfCredential(options: {
    credentialId: string;
    after: string | undefined;
    limit: number;
  }): Promise<Notification[]>;
  /** What one recipient was and will be told of one episode, oldest first. */
  listOfEpisode(episodeId: string, userId: string): Promise<Notification[]>;
  /** The parts of a mail that is or may be out; oldest first. */
  listOfMail(mailId: string): Promise<Notification[]>;

  /** Waiting and due at `nowMs`: digests first, then the longest due. */
  listDue(nowMs: number, limit: number): Promise<Notification[]>;
  /** The earliest `dueAtMs` of what waits or is being handed over. */
  nextDueAtMs(): Promise<number | undefined>;
  /**
   * Waiting and due at `nowMs`: what goes out in that digest; oldest first. With what should have gone out alone before it, where the rate or the transport
   * has kept that back, so that nobody gets a digest and right after it the mails that were to come first.
   */
  listDueDigest(key: DigestKey, nowMs: number): Promise<Notification[]>;
  /** Being handed over, and due to be looked at again at `nowMs`. */
  listOldClaims(nowMs: number, limit: number): Promise<Notification[]>;
  /** With `escalate`, oldest first. */
  listToEscalate(limit: number): Promise<Notification[]>;

  /** Replaces the recipient's window by the transition's and resolves with its whole answer. */
  admit<T extends { window: DeliveryWindow }>(
    userId: string,
    kind: NotificationKind,
    transition: (now: DeliveryWindow | undefined) => T,
  ): Promise<T>;

  getCredential(credentialId: string): Promise<WatchedCredential | undefined>;
  /** Undefined from the transition: nothing changes, and that is the answer. */
  observeCredential(
    credentialId: string,
    transition: (now: WatchedCredential | undefined) => WatchedCredential | undefined,
  ): Promise<WatchedCredential | undefined>;
  /** Delayed since `sinceMs` or longer, and not yet told. */
  listDelayedSince(sinceMs: number, limit: number): Promise<WatchedCredential[]>;

  /**
   * Removes the oldest that were made before then and that nothing more will happen to: neither unsent, nor to be escalated, nor of an episode that is
   * open. Answers with how many it has removed, at most `limit`. Ids are UUIDv7, so their order is that of time.
   */
  forget(madeBeforeMs: number, limit: number): Promise<number>;

  /** How many there are per kind and state; absent combinations are zero. */
  count(): Promise<{ kind: NotificationKind; state: NotificationState; count: number }[]>;
  /** The earliest `waitingSinceMs` of what waits or is being handed over. */
  oldestUnsentSinceMs(): Promise<number | undefined>;
};
