/** Why somebody is told of a use of a credential; the registry decides it. */
export type Why = 'creator' | 'owner' | 'shared' | 'creator_left';

/** A source or authorized connection that the recipient can heal. */
export type AffectedUse = {
  kind: 'source' | 'authorized_connection';
  id: string;
  name: string;
  connectorName: string;
  workspace: { id: string; name: string } | undefined;
  why: Why;
};

/** What the mail tells, as it stood when the episode was noticed. */
export type Trouble = {
  status: 'expired' | 'insufficient_scope';
  providerName: string;
  /** One sentence for a person, from the credential's state. */
  reasonText: string;
  resolver: 'user' | 'tenant_admin';
  sinceMs: number;
};

export type NotificationKind = 'expired' | 'recovered' | 'drill';

/** One person is told one thing of one episode. The key is (episodeId, recipient.userId, kind). */
export type Notification = {
  /** UUIDv7. */
  id: string;
  kind: NotificationKind;
  episodeId: string;
  credentialId: string;
  accountId: string;
  recipient: { userId: string; name: string; email: string };
  state: 'waiting' | 'sent' | 'cancelled' | 'failed';
  /** Of `failed`. */
  failure?: 'address_missing' | 'address_unusable';
  /** Until the episode's end has been dealt with for this recipient. */
  episodeOpen: boolean;
  createdAtMs: number;
  dueAtMs: number;
  /** Goes out together with the recipient's others that are due, in one mail. */
  inDigest: boolean;
  /** Failed tries to send. */
  attempts: number;
  sentAtMs?: number;
  mailId?: string;
  /** W3C trace of the event that caused it, so that the later mail stands in the same trace. */
  traceparent?: string;
  trouble: Trouble;
  /** Of `recovered`. */
  recoveredAtMs?: number;
  uses: AffectedUse[];
  /** Names of sources that depend on a connection in `uses`. */
  dependentSources: string[];
};

export type NotificationKey = { episodeId: string; userId: string; kind: NotificationKind };

/** Nothing that was not sent yet is sent any more; what was sent stays as it is. */
export function cancelled(notification: Notification): Notification {
  return notification.state === 'waiting'
    ? { ...notification, state: 'cancelled', episodeOpen: false }
    : notification;
}

export function sent(
  notification: Notification,
  { mailId, atMs }: { mailId: string; atMs: number },
): Notification {
  return { ...notification, state: 'sent', mailId, sentAtMs: atMs };
}

export function episodeSettled(notification: Notification): Notification {
  return { ...cancelled(notification), episodeOpen: false };
}

export function postponed(notification: Notification, untilMs: number): Notification {
  return notification.state === 'waiting'
    ? { ...notification, attempts: notification.attempts + 1, dueAtMs: untilMs }
    : notification;
}
