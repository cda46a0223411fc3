import type { Notification, Trouble } from '../notification.ts';

/** Trouble that nobody of the account can mend, as long as it lasts. */
export type Delay = {
  accountId: string;
  trouble: Trouble;
  /** The account's administrators have been told. */
  told: boolean;
};

/** What the newest handled `credential.state` said of a credential. */
export type WatchedCredential = {
  credentialId: string;
  version: bigint;
  /** Absent: somebody need not act. */
  openEpisodeId?: string;
  /** Its tombstone was seen. */
  gone: boolean;
  /** While it is `expiring`. */
  expiresAtMs?: number;
  delay?: Delay;
};

export type SeenState = Pick<
  WatchedCredential,
  'credentialId' | 'version' | 'openEpisodeId' | 'expiresAtMs'
> & { delay?: Omit<Delay, 'told'> };

/**
 * The step that a state event makes, or undefined where it is older than what was handled. The same version again is
 * a redelivery, possibly after a crash in the middle, and is handled again: every effect is idempotent.
 *
 * A delay that goes on under another reason is still the same one, and began when it began.
 */
export function observeState(
  known: WatchedCredential | undefined,
  seen: SeenState,
): WatchedCredential | undefined {
  if (known && (known.gone || seen.version < known.version)) return undefined;
  const { delay, ...others } = seen;
  return {
    ...others,
    gone: false,
    ...(delay && { delay: known?.delay ?? { ...delay, told: false } }),
  };
}

export function observeTombstone(
  known: WatchedCredential | undefined,
  credentialId: string,
): WatchedCredential {
  return { credentialId, version: known?.version ?? 0n, gone: true };
}

/** What stands for an episode where a credential ends by itself at a known moment. */
export function endOfLifeId(credentialId: string, expiresAtMs: number): string {
  return `end:${credentialId}:${expiresAtMs}`;
}

/** What stands for an episode where a credential is delayed. */
export function delayId(credentialId: string, sinceMs: number): string {
  return `delay:${credentialId}:${sinceMs}`;
}

/** Since when it is delayed, where the administrators are still to be told of it. */
export function untoldDelaySinceMs({ delay }: WatchedCredential): number | undefined {
  return delay && !delay.told ? delay.trouble.sinceMs : undefined;
}

/** The administrators know of this delay; another one that began meanwhile is not meant. */
export function delayTold(
  known: WatchedCredential | undefined,
  sinceMs: number,
): WatchedCredential | undefined {
  if (known?.delay?.trouble.sinceMs !== sinceMs) return undefined;
  return { ...known, delay: { ...known.delay, told: true } };
}

/**
 * Whether the mail would still be true. Asked right before sending: a consumer that was overtaken may create a
 * notification after the close of its episode has been handled, and only this sees it.
 */
export function isStillTrue(
  notification: Notification,
  credential: WatchedCredential | undefined,
): boolean {
  // The end of a drill cancels what has not been sent (`drill-handler.ts`); the credential has no part in it.
  if (notification.kind === 'drill') return true;
  if (!credential || credential.gone) return false;
  switch (notification.kind) {
    case 'expired':
    case 'reminder':
      return credential.openEpisodeId === notification.episodeId;
    case 'escalation':
      return troublesOf(credential).includes(notification.episodeId);
    case 'expiring':
      return credential.expiresAtMs === notification.expiresAtMs;
    case 'delayed':
      return troublesOf(credential).includes(notification.episodeId);
    case 'recovered':
      return credential.openEpisodeId === undefined;
    default:
      return notification.kind satisfies never;
  }
}

/** Everything of a credential that somebody may be told of at this moment, by its episode. */
function troublesOf({ credentialId, openEpisodeId, expiresAtMs, delay }: WatchedCredential) {
  return [
    openEpisodeId,
    expiresAtMs !== undefined && endOfLifeId(credentialId, expiresAtMs),
    delay && delayId(credentialId, delay.trouble.sinceMs),
  ];
}
