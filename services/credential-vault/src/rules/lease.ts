import { attemptTokenHash, type Credential, type Lease } from '../credential.ts';
import { CredentialExpiredError, CredentialRevokingError } from '../errors.ts';
import { reasonText } from '../reason-text.ts';
import { accessTokenLives } from './status.ts';

export type LeaseRequest = {
  purpose: 'scheduled' | 'on_demand' | 'renewal';
  owner: string;
  ttlMs: number;
  minimumRemainingLifeMs: number;
  nowMs: number;
};

export type LeaseAnswer =
  | { kind: 'granted'; credential: Credential }
  | { kind: 'held'; retryAfterMs: number }
  | { kind: 'not_needed' };

/**
 * Who may talk to the provider about this credential. A grant is one write: lease, fence and, for a refresh, the intent
 * with the hash of the token that will be sent, so that a crash at any later moment is known to have happened.
 *
 * A renewal takes a refresh's lease away: the person is waiting, and what the refresh brings is about to be replaced.
 */
export function acquireLease(credential: Credential, request: LeaseRequest): LeaseAnswer {
  const { nowMs, purpose } = request;
  if (credential.status === 'revoking') throw new CredentialRevokingError(credential.id);
  const held = heldLease(credential, nowMs);
  if (purpose === 'renewal') {
    if (held?.purpose === 'renewal')
      return { kind: 'held', retryAfterMs: held.expiresAtMs - nowMs };
    return { kind: 'granted', credential: grant(credential, request, 'renewal') };
  }
  if (
    purpose === 'scheduled' &&
    !(credential.nextAttemptAtMs !== undefined && credential.nextAttemptAtMs <= nowMs)
  ) {
    return { kind: 'not_needed' };
  }
  if (purpose === 'on_demand') {
    if (credential.status === 'expired')
      throw new CredentialExpiredError(credential.id, reasonText(credential));
    if (livesLongEnough(credential, request)) return { kind: 'not_needed' };
  }
  if (held) return { kind: 'held', retryAfterMs: held.expiresAtMs - nowMs };
  const waitMs = (credential.nextAttemptAtMs ?? nowMs) - nowMs;
  // A provider in trouble is asked at its own pace, however many callers wait.
  if (purpose === 'on_demand' && credential.failures > 0 && waitMs > 0)
    return { kind: 'held', retryAfterMs: waitMs };
  return { kind: 'granted', credential: withIntent(grant(credential, request, 'refresh'), nowMs) };
}

/** The credential without this holder's lease; undefined: it is not this holder's any more. */
export function releaseLease(
  credential: Credential,
  owner: string,
  fence: number,
): Credential | undefined {
  const own = credential.lease?.owner === owner && credential.lease.fence === fence;
  if (!own) return undefined;
  // Its holder says that nothing is under way, so the next one has no lost answer to fear.
  const intent = credential.intent?.fence === fence ? undefined : credential.intent;
  return { ...credential, lease: undefined, intent };
}

export function heldLease({ lease }: Credential, nowMs: number): Lease | undefined {
  return lease && lease.expiresAtMs > nowMs ? lease : undefined;
}

function grant(
  credential: Credential,
  { owner, ttlMs, nowMs }: LeaseRequest,
  purpose: Lease['purpose'],
): Credential {
  const fence = credential.fence + 1;
  return { ...credential, fence, lease: { owner, purpose, fence, expiresAtMs: nowMs + ttlMs } };
}

function withIntent(credential: Credential, nowMs: number): Credential {
  const sentTokenHash = attemptTokenHash(credential);
  const before = credential.intent;
  // An intent that nobody answered for, about the token that is still stored: its answer is lost.
  const unanswered =
    credential.unanswered ??
    (before?.sentTokenHash === sentTokenHash
      ? { tokenHash: sentTokenHash, sinceMs: before.startedAtMs }
      : undefined);
  const attempt = credential.attempts + 1;
  return {
    ...credential,
    attempts: attempt,
    unanswered,
    intent: { attempt, fence: credential.fence, sentTokenHash, startedAtMs: nowMs },
  };
}

/** A caller that wants more life than half a token's never gets it by refreshing at each call. */
function livesLongEnough(
  credential: Credential,
  { minimumRemainingLifeMs, nowMs }: LeaseRequest,
): boolean {
  if (!accessTokenLives(credential, nowMs)) return false;
  const { accessExpiresAtMs, obtainedAtMs } = credential.tokens;
  if (accessExpiresAtMs === undefined) return true;
  const neededMs = Math.min(minimumRemainingLifeMs, (accessExpiresAtMs - obtainedAtMs) / 2);
  return accessExpiresAtMs - nowMs >= neededMs;
}
