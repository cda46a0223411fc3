import type { DeliveryWindow } from '../delivery.ts';
import type { Notification, NotificationKey, NotificationKind } from '../notification.ts';
import type { WatchedCredential } from '../watched-credential.ts';

/**
 * What this service remembers. The law for every engine (`notification-store.contract.ts` checks it):
 *
 * - Every change is one conditional change of one document. A transition is pure and may run more than once.
 * - `create` decides by the unique key (episode, recipient, kind): of any number of concurrent calls exactly one
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
  /** The one that is waiting with the earliest `dueAtMs`, due or not. */
  firstWaiting(): Promise<Notification | undefined>;
  /** Waiting, `inDigest`, and due at `nowMs`; oldest first. */
  listDueDigest(userId: string, kind: NotificationKind, nowMs: number): Promise<Notification[]>;

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

  /** How many there are per kind and state; absent combinations are zero. */
  count(): Promise<{ kind: NotificationKind; state: Notification['state']; count: number }[]>;
  oldestWaitingCreatedAtMs(): Promise<number | undefined>;
};
