import type { Credential, Reason, RuleContext } from '../credential.ts';
import { beginAccessProbe, isAccessRefused, refusalOf } from './access-probe.ts';
import type { CanaryOutcome, Hold, OutageEnd } from './outage-breaker.ts';
import { schedule } from './schedule.ts';
import { accessTokenLives, delayIfUnusable, openEpisode, withStatus } from './status.ts';

/** What becomes of the verdict that a credential is dead. */
export type VerdictHandling =
  | { kind: 'apply' }
  /** An outage is suspected: it may count later (outage-breaker.ts). */
  | { kind: 'hold'; untilMs: number }
  /** Verdicts are switched off: it goes on as if the provider were in trouble. */
  | { kind: 'withhold' };

const minuteMs = 60_000;
/** Held credentials whose hold nobody has ended are tried again in so much time after it. */
const afterHoldMs = 10 * minuteMs;
/** In how much time those are tried again whose verdicts were wrong: on demand at once, on schedule spread. */
const spreadMs = 5 * minuteMs;
/** How often a canary is tried. */
const probeIntervalMs = minuteMs;

/** Whether an episode begins with this change: people would be mailed. */
export function isDeath(before: Credential, after: Credential): boolean {
  return after.status === 'expired' && before.status !== 'expired' && !before.episode;
}

/** The known life of the grant is over, so that its refusal says nothing of the provider. */
export function isExpectedEnd({ tokens }: Credential, nowMs: number): boolean {
  const endsMs = tokens.refreshTokenHash ? tokens.refreshExpiresAtMs : tokens.accessExpiresAtMs;
  return endsMs !== undefined && endsMs <= nowMs;
}

/** A credential with an open episode is dead already: only the reason may be a newer one. */
export function declareDead(
  credential: Credential,
  reason: Reason,
  { handling, maxRetryDelayMs }: { handling: VerdictHandling; maxRetryDelayMs: number },
  context: RuleContext,
): Credential {
  const { nowMs } = context;
  if (handling.kind === 'withhold' && credential.status !== 'expired') {
    return schedule(delayIfUnusable(credential, trouble(reason), nowMs), context, {
      maxRetryDelayMs,
    });
  }
  if (handling.kind !== 'hold' || credential.episode) {
    const dead = openEpisode({ ...credential, held: undefined }, context);
    return schedule(withStatus(dead, 'expired', reason, nowMs), context);
  }
  const held: Credential = {
    ...credential,
    held: { reason, sinceMs: credential.held?.sinceMs ?? nowMs },
    pendingReason: undefined,
    unusableSinceMs: accessTokenLives(credential, nowMs)
      ? credential.unusableSinceMs
      : (credential.unusableSinceMs ?? nowMs),
  };
  const atMs = Math.round(handling.untilMs + context.random() * afterHoldMs);
  const delayed = withStatus(held, 'delayed', trouble(reason), nowMs);
  return schedule(delayed, context, { atMs, maxRetryDelayMs });
}

/** What the provider said stays to be read, as what it is taken for at the moment. */
function trouble({ evidence }: Reason): Reason {
  return {
    code: 'provider_unavailable',
    resolver: 'operator',
    evidence: evidence && { ...evidence, verdictClass: 'transient' },
  };
}

/** The hold is decided: the verdict counts, or it was none and the credential is tried again. Undefined: nothing was held. */
export function settleHeld(
  current: Credential,
  end: OutageEnd,
  context: RuleContext,
): Credential | undefined {
  const { held } = current;
  if (!held) return undefined;
  const credential: Credential = { ...current, accessProbe: undefined };
  const lastActor = { kind: 'system', id: 'credential-vault' } as const;
  if (end !== 'released') {
    const counts = { handling: { kind: 'apply' }, maxRetryDelayMs: 0 } as const;
    return declareDead({ ...credential, lastActor }, held.reason, counts, context);
  }
  return {
    ...credential,
    held: undefined,
    // What was refused in the outage is no first refusal, and whoever waits need not wait any longer.
    refusalToConfirm: undefined,
    clientRefusedSinceMs: undefined,
    failures: 0,
    nextAttemptAtMs: soon(context),
    lastActor,
  };
}

/** One that died before it was seen that many do: tried again, and recovers if it lives. Undefined: there is nothing to try. */
export function retrySlipped(credential: Credential, context: RuleContext): Credential | undefined {
  if (credential.status !== 'expired') return undefined;
  if (isAccessRefused(credential)) {
    const hasRefreshToken = credential.tokens.refreshTokenHash !== undefined;
    return hasRefreshToken ? beginAccessProbe(credential, soon(context)) : undefined;
  }
  return { ...credential, nextAttemptAtMs: soon(context) };
}

function soon({ nowMs, random }: RuleContext): number {
  return Math.round(nowMs + random() * spreadMs);
}

export function canaryOutcome(canary: Credential | undefined, hold: Hold): CanaryOutcome {
  if (!canary || canary.status === 'revoking') return 'void';
  if ((canary.lastRenewedAtMs ?? 0) > hold.sinceMs) return 'void';
  // No worker tries its token any more, so that the identity call alone would speak for the API.
  if (isAccessRefused(canary) && canary.status === 'expired') return 'void';
  // A refresh that works is no answer to the question whether the API lets us in.
  if (!isAccessRefused(canary) && canary.lastRefreshedAtMs > hold.sinceMs) return 'works';
  const refusal = refusalOf(canary);
  return refusal?.evidence ? { refusedAtMs: refusal.evidence.seenAtMs } : 'silent';
}

/** A canary that would otherwise wait for the end of the hold. Undefined: its time is near enough. */
export function probe(canary: Credential, { nowMs }: RuleContext): Credential | undefined {
  const dueMs = canary.nextAttemptAtMs ?? Number.POSITIVE_INFINITY;
  if (canary.status === 'revoking') return undefined;
  if (isAccessRefused(canary)) {
    if (canary.status === 'expired') return undefined;
    if (!canary.accessProbe)
      return beginAccessProbe(canary, Math.min(dueMs, nowMs + probeIntervalMs));
  }
  if (dueMs <= nowMs + probeIntervalMs) return undefined;
  return { ...canary, nextAttemptAtMs: nowMs + probeIntervalMs };
}
