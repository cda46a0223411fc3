import type { Notification } from './notification.ts';

/** What the newest handled `credential.state` said of a credential. */
export type WatchedCredential = {
  credentialId: string;
  version: bigint;
  /** Absent: somebody need not act. */
  openEpisodeId?: string;
  /** Its tombstone was seen. */
  gone: boolean;
};

/**
 * The step that a state event makes, or undefined where it is older than what was handled. The same version again is
 * a redelivery, possibly after a crash in the middle, and is handled again: every effect is idempotent.
 */
export function observeState(
  known: WatchedCredential | undefined,
  seen: { credentialId: string; version: bigint; openEpisodeId: string | undefined },
): WatchedCredential | undefined {
  if (known && (known.gone || seen.version < known.version)) return undefined;
  return { ...seen, gone: false };
}

export function observeTombstone(
  known: WatchedCredential | undefined,
  credentialId: string,
): WatchedCredential {
  return { credentialId, version: known?.version ?? 0n, gone: true };
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
      return credential.openEpisodeId === notification.episodeId;
    case 'recovered':
      return credential.openEpisodeId === undefined;
    default:
      return notification.kind satisfies never;
  }
}
