import { UseNotDeletingError } from './errors.ts';
import type { Use, UseChange } from './use.ts';
import type { User } from './user.ts';

/**
 * Takes a use off every page at once: its tombstone is published here, and its document stays until the broker has
 * disconnected the credential, so that the sweep still knows what to revoke.
 */
export function markDeleting(use: Use, by: User, nowMs: number): UseChange | undefined {
  if (use.deleting) return undefined;
  const what = use.kind === 'source' ? 'source' : 'connection';
  return {
    next: { ...use, deleting: { userId: by.id, sinceMs: nowMs } },
    announce: true,
    audit: {
      timeMs: nowMs,
      actorName: by.name,
      action: `${what}.deleted`,
      text: `${by.name} deleted the ${what}.`,
    },
  };
}

/** The end of what was marked. Errors: USE_NOT_DELETING. */
export function completeDeleting(use: Use): UseChange {
  if (!use.deleting) throw new UseNotDeletingError(use.id);
  return { next: 'removed', announce: false };
}

const abandonedAfterMs = 24 * 60 * 60 * 1000;

/** Uses whose first authorization nobody has set about since then are abandoned. */
export function abandonedBeforeMs(nowMs: number): number {
  return nowMs - abandonedAfterMs;
}

/** Undefined: somebody has set about it, or deleted it, meanwhile. */
export function removeAbandoned(use: Use, nowMs: number): UseChange | undefined {
  const { pendingSinceMs } = use;
  const abandoned = pendingSinceMs !== undefined && pendingSinceMs < abandonedBeforeMs(nowMs);
  return abandoned && !use.deleting ? { next: 'removed', announce: true } : undefined;
}

/** Somebody sets about the first authorization (again): the day begins anew. */
export function keepPending(use: Use, nowMs: number): UseChange | undefined {
  if (use.pendingSinceMs === undefined || use.deleting) return undefined;
  return { next: { ...use, pendingSinceMs: nowMs }, announce: false };
}
