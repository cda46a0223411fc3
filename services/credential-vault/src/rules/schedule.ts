import { backoffMs } from '@credential-renewal/runtime';
import { type Credential, endOfLifeMs, type RuleContext } from '../credential.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

const refreshMarginMs = 5 * minuteMs;
/** How often a credential that only its customer's administrator can revive is looked at again. */
const blockedRecheckMs = 6 * 60 * minuteMs;
const firstRetryMs = 1_000;

/** When people are warned of an end that no refresh prevents (semantics 3), in days before it. */
export const warningDays = [7, 1] as const;

/** The credential with the moments at which it next wants attention. Call it last in every change. */
export function schedule(
  credential: Credential,
  context: RuleContext,
  retry?: { atMs?: number; maxRetryDelayMs: number },
): Credential {
  return {
    ...credential,
    nextAttemptAtMs: nextAttemptMs(credential, context, retry),
    nextTickAtMs: nextTickMs(credential, context.nowMs),
  };
}

function nextAttemptMs(
  credential: Credential,
  context: RuleContext,
  retry: { atMs?: number; maxRetryDelayMs: number } | undefined,
): number | undefined {
  switch (credential.status) {
    case 'revoking':
      return undefined;
    case 'expired':
      return credential.reason?.code === 'admin_blocked'
        ? context.nowMs + blockedRecheckMs
        : undefined;
    case 'healthy':
    case 'expiring':
    case 'delayed':
    case 'insufficient_scope':
      if (retry)
        return (
          retry.atMs ?? context.nowMs + retryDelayMs(credential, context, retry.maxRetryDelayMs)
        );
      return healthyAttemptMs(credential, context);
    default:
      return credential.status satisfies never;
  }
}

function retryDelayMs(credential: Credential, { random }: RuleContext, maxMs: number): number {
  return backoffMs(Math.max(1, credential.failures), { baseMs: firstRetryMs, maxMs, random });
}

/** Ahead of the first end that a refresh can prevent; credentials that were made together spread. */
function healthyAttemptMs({ tokens, policy }: Credential, { nowMs, random }: RuleContext): number {
  if (tokens.refreshTokenHash === undefined)
    return tokens.accessExpiresAtMs ?? nowMs + policy.identityCheckIntervalMs;
  const ends = [tokens.accessExpiresAtMs];
  if (!tokens.refreshLifeAbsolute) ends.push(tokens.refreshExpiresAtMs);
  const earliestMs = Math.min(...ends.map((endMs) => endMs ?? Number.POSITIVE_INFINITY));
  if (earliestMs === Number.POSITIVE_INFINITY) return nowMs + policy.identityCheckIntervalMs;
  const marginMs = Math.min(refreshMarginMs, (earliestMs - tokens.obtainedAtMs) / 2);
  return Math.round(earliestMs - marginMs * (1 + random() * 0.2));
}

/** The next moment at which time alone changes something. */
function nextTickMs(credential: Credential, nowMs: number): number | undefined {
  if (credential.status === 'revoking' || credential.status === 'expired') return undefined;
  const moments: number[] = [];
  const endMs = endOfLifeMs(credential);
  for (const days of dueWarnings(credential)) moments.push((endMs ?? 0) - days * dayMs);
  // Only what passTime then changes: a moment that changes nothing would be due again at every sweep, a write each time.
  const { status, pendingReason, tokens } = credential;
  const mayTurnDelayed = pendingReason && (status === 'healthy' || status === 'expiring');
  if (mayTurnDelayed && tokens.accessExpiresAtMs !== undefined)
    moments.push(tokens.accessExpiresAtMs);
  return moments.length === 0 ? undefined : Math.max(nowMs, Math.min(...moments));
}

/**
 * Warnings still to give, in days before the end. A life that is shorter than the warning's notice gets none: a token of an
 * hour is not "expiring in seven days".
 */
export function dueWarnings(credential: Credential): number[] {
  const endMs = endOfLifeMs(credential);
  if (endMs === undefined) return [];
  const beganMs = credential.lastRenewedAtMs ?? credential.createdAtMs;
  return warningDays.filter(
    (days) => endMs - beganMs > days * dayMs && !credential.warnedDays.includes(days),
  );
}

/** The warnings whose moment has come. */
export function warningsReached(credential: Credential, nowMs: number): number[] {
  const endMs = endOfLifeMs(credential);
  if (endMs === undefined) return [];
  return dueWarnings(credential).filter((days) => endMs - days * dayMs <= nowMs);
}
