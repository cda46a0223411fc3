import {
  attemptTokenHash,
  type Credential,
  type Evidence,
  type Reason,
  type RuleContext,
} from '../credential.ts';
import type { Failure } from './expiry.ts';
import { schedule } from './schedule.ts';
import { clearTrouble, restore } from './status.ts';
import { withWarnings } from './time.ts';

/*
 * Whether a provider lets us in again that had refused fresh tokens (`access_refused`). A refresh does not tell, it only proves that the grant lives. So a
 * probe is two attempts, each under its own lease as ever: a refresh, and then the identity call with the token that it brought. Where nothing can be
 * refreshed there is no probe: the identity call had accepted that token before the verdict.
 */

/** The verdict, held or counting, that the API refuses us. */
export function isAccessRefused(credential: Credential): boolean {
  return refusalOf(credential)?.code === 'access_refused';
}

export function refusalOf({ held, status, reason }: Credential): Reason | undefined {
  return held?.reason ?? (status === 'expired' ? reason : undefined);
}

export function beginAccessProbe(credential: Credential, atMs: number): Credential {
  return { ...credential, accessProbe: { freshTokenHash: undefined }, nextAttemptAtMs: atMs };
}

/** The refresh is through; what it brought is asked about at once. */
export function askWithFreshToken(credential: Credential, nowMs: number): Credential {
  const { accessTokenHash: freshTokenHash } = credential.tokens;
  return { ...credential, accessProbe: { freshTokenHash }, nextAttemptAtMs: nowMs };
}

/** SHA-256 of the token that an attempt on schedule is about. Somebody who waits for a token needs a refresh, whatever is to be asked. */
export function scheduledTokenHash(credential: Credential): string {
  const { accessTokenHash } = credential.tokens;
  return isAccessProbe(credential, accessTokenHash)
    ? accessTokenHash
    : attemptTokenHash(credential);
}

/** Whether an attempt with this token is the identity call of a probe. */
export function isAccessProbe(
  { accessProbe, tokens, status }: Credential,
  sentTokenHash: string,
): boolean {
  return (
    status !== 'revoking' &&
    accessProbe?.freshTokenHash === sentTokenHash &&
    tokens.accessTokenHash === sentTokenHash
  );
}

/** The provider takes the fresh token: the verdict was none. */
export function acceptAccess(credential: Credential, context: RuleContext): Credential {
  const asked: Credential = { ...credential, accessProbe: undefined };
  // The API has refused a worker with this very token meanwhile: only the identity call lets us in.
  if (credential.reported?.tokenHash === credential.tokens.accessTokenHash)
    return schedule(asked, context);
  const working: Credential = {
    ...clearTrouble(asked),
    // Of a refresh, about which this says nothing.
    unanswered: credential.unanswered,
    lastRefreshedAtMs: context.nowMs,
    reported: undefined,
    refreshedAfterReportAtMs: undefined,
    lastActor: { kind: 'system', id: 'oauth-broker' },
  };
  const restored = restore(working, context.nowMs);
  return schedule(withWarnings(restored, context.nowMs), context);
}

/** It does not. Only a refusal of this token says something; after anything else the next probe asks again. */
export function acceptAccessFailure(
  credential: Credential,
  failure: Failure,
  { maxRetryDelayMs }: { maxRetryDelayMs: number },
  context: RuleContext,
): Credential {
  const asked: Credential = { ...credential, accessProbe: undefined };
  const { nowMs } = context;
  const isRefused =
    failure.kind === 'grant_refused' || failure.kind === 'grant_refused_unconfirmed';
  if (isRefused) return schedule(withEvidence(asked, toEvidence(failure, nowMs)), context);
  const atMs = nowMs + (failure.retryAfterMs ?? maxRetryDelayMs);
  return schedule(asked, context, { atMs, maxRetryDelayMs });
}

function withEvidence(credential: Credential, evidence: Evidence): Credential {
  const { held, status, reason } = credential;
  if (held) return { ...credential, held: { ...held, reason: { ...held.reason, evidence } } };
  if (status !== 'expired' || !reason) return credential;
  return { ...credential, reason: { ...reason, evidence } };
}

function toEvidence({ error, description, httpStatus }: Failure, seenAtMs: number): Evidence {
  return { error, description, httpStatus, verdictClass: 'dead', seenAtMs };
}
