/** Why somebody is told of a use of a credential; the registry decides it. */
export type Why = 'creator' | 'owner' | 'shared' | 'creator_left' | 'administrator';

/** A source or authorized connection that the recipient can heal. */
export type AffectedUse = {
  kind: 'source' | 'authorized_connection';
  id: string;
  name: string;
  connectorName: string;
  workspace: { id: string; name: string } | undefined;
  why: Why;
};

/** What the mail tells, as it stood when it was noticed. */
export type Trouble = {
  status: 'expired' | 'insufficient_scope' | 'expiring' | 'delayed';
  providerName: string;
  /** One sentence for a person, from the credential's state. */
  reasonText: string;
  resolver: 'user' | 'tenant_admin' | 'operator';
  sinceMs: number;
};

export const notificationKinds = [
  'expired',
  'expiring',
  'reminder',
  'recovered',
  'delayed',
  'escalation',
  'drill',
] as const;
export type NotificationKind = (typeof notificationKinds)[number];

export const notificationStates = [
  /** For its time, its digest or the transport. */
  'waiting',
  /** Claimed by a sender: the transport may have it already (`handover-transport.ts`). */
  'handing_over',
  'sent',
  /** The recipient's server has it; only some transports tell. */
  'delivered',
  'bounced',
  'cancelled',
  'failed',
] as const;
export type NotificationState = (typeof notificationStates)[number];

/** Why it did not arrive, or is not to. */
export type Explanation = {
  code:
    | 'address_missing'
    | 'address_unusable'
    | 'refused'
    | 'outcome_unknown'
    | 'bounced'
    | 'complained'
    | 'over'
    | 'in_app_only'
    | 'reminders_off'
    | 'unwanted'
    | 'unreachable';
  /** The mail provider's words. */
  text?: string;
};

/** One person is told one thing of one episode. The key is (episodeId, recipient.userId, kind, number). */
export type Notification = {
  /** UUIDv7. */
  id: string;
  kind: NotificationKind;
  /** Which of several of its kind: the days after (`reminder`) or before (`expiring`). */
  number?: number;
  /** Of a kind that belongs to no expiry, what stands for one: `watched-credential.ts`; of a drill, its id. */
  episodeId: string;
  credentialId: string;
  accountId: string;
  recipient: { userId: string; name: string; email: string };
  state: NotificationState;
  /** When it got into this state. Absent in documents of the first release. */
  stateAtMs?: number;
  /** Of `failed`, in documents of the first release. */
  failure?: 'address_missing' | 'address_unusable';
  explanation?: Explanation;
  /** Somebody else is to be told instead, and was not yet. */
  escalate?: boolean;
  /** Until the episode's end has been dealt with for this recipient. */
  episodeOpen: boolean;
  createdAtMs: number;
  /** Since when it is kept from going out by us, and not by its turn or by choice. Absent: since it was created. */
  waitsSinceMs?: number;
  /** When it is to be looked at: to be sent, or, while it is being handed over, to be sent again if nothing was heard of it. */
  dueAtMs: number;
  /** Goes out together with the recipient's others that are due, in one mail. */
  inDigest: boolean;
  /** In the one mail a day that the recipient has chosen. */
  daily?: boolean;
  /** Failed tries to send. */
  attempts: number;
  /** How often it was claimed to be handed over. */
  handovers?: number;
  sentAtMs?: number;
  /** The mail that it is in, or that may be out with it. */
  mailId?: string;
  /** W3C trace of the event that caused it, so that the later mail stands in the same trace. */
  traceparent?: string;
  trouble: Trouble;
  /** Of `recovered`. */
  recoveredAtMs?: number;
  /** Of `expiring`. */
  expiresAtMs?: number;
  /** Of `escalation`: who could not be reached. */
  unreachedName?: string;
  uses: AffectedUse[];
  /** Names of sources that depend on a connection in `uses`. */
  dependentSources: string[];
};

export type NotificationKey = {
  episodeId: string;
  userId: string;
  kind: NotificationKind;
  number?: number;
};

/** The recipient knows, as far as we can tell. */
export function wasTold({ state }: Pick<Notification, 'state'>): boolean {
  return state === 'sent' || state === 'delivered' || state === 'handing_over';
}

/** Since when the recipient is kept waiting by us. */
export function waitingSinceMs({ waitsSinceMs, createdAtMs }: Notification): number {
  return waitsSinceMs ?? createdAtMs;
}
