import type { Credential, RuleContext } from '../credential.ts';
import { schedule, warningsReached } from './schedule.ts';
import { accessTokenLives, restore, withStatus } from './status.ts';

/** What the passing of time alone changes: warnings fall due, and refresh trouble outlives the access token. */
export function passTime(credential: Credential, context: RuleContext): Credential {
  const { nextAttemptAtMs } = credential;
  const delayed = delayOutlivedTrouble(credential, context.nowMs);
  // Time moves the warnings' moment, never that of the next attempt: backing off stays as it was.
  return { ...schedule(withWarnings(delayed, context.nowMs), context), nextAttemptAtMs };
}

function delayOutlivedTrouble(credential: Credential, nowMs: number): Credential {
  const { pendingReason, status } = credential;
  if (!pendingReason || accessTokenLives(credential, nowMs)) return credential;
  if (status !== 'healthy' && status !== 'expiring') return credential;
  const delayed = { ...credential, pendingReason: undefined, unusableSinceMs: nowMs };
  return withStatus(delayed, 'delayed', pendingReason, nowMs);
}

/** `expiring` from the first warning on; other statuses only remember that the moment has passed. */
export function withWarnings(credential: Credential, nowMs: number): Credential {
  const reached = warningsReached(credential, nowMs);
  if (reached.length === 0) return credential;
  const warned = { ...credential, warnedDays: [...credential.warnedDays, ...reached] };
  return credential.status === 'healthy' || credential.status === 'expiring'
    ? restore(warned, nowMs)
    : warned;
}
