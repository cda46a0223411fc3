import { attemptTokenHash, type Credential, type Lease } from '../credential.ts';
import { CredentialExpiredError, CredentialRevokingError } from '../errors.ts';
import { reasonText } from '../reason-text.ts';
import { scheduledTokenHash } from './access-probe.ts';
import { accessTokenLives } from './status.ts';

export type LeaseRequest = {
  purpose: 'scheduled' | 'on_demand' | 'renewal';
  owner: string;
  attemptId?: string | undefined;
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
 * An owner that asks again for the same attempt gets what it got: the very same document.
 *
 * A renewal takes a refresh's lease away: the person is waiting, and what the refresh brings is about to be replaced.
 */
export function acquireLease(credential: Credential, request: LeaseRequest): LeaseAnswer {
  const { nowMs, purpose } = request;
  if (credential.status === 'revoking') throw new CredentialRevokingError(credential.id);
  const held = heldLease(credential, nowMs);
  // The owner did not hear that it was granted.
  if (held && isOwn(held, request)) return { kind: 'granted', credential };
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
  const sentTokenHash =
    purpose === 'scheduled' ? scheduledTokenHash(credential) : attemptTokenHash(credential);
  const granted = grant(credential, request, 'refresh');
  return { kind: 'granted', credential: withIntent(granted, sentTokenHash, nowMs) };
}

/** Which lease: by its fence, or by the attempt where the fence was never heard. */
export type LeaseReference = { owner: string; fence: number; attemptId: string | undefined };

/** The credential without this holder's lease; undefined: it is not this holder's any more. */
export function releaseLease(
  credential: Credential,
  reference: LeaseReference,
): Credential | undefined {
  const { lease } = credential;
  const own =
    reference.attemptId === undefined
      ? lease?.owner === reference.owner && lease.fence === reference.fence
      : lease !== undefined && isOwn(lease, reference);
  if (!lease || !own) return undefined;
  // Its holder says that nothing is under way, so the next one has no lost answer to fear.
  const intent = credential.intent?.fence === lease.fence ? undefined : credential.intent;
  return { ...credential, lease: undefined, intent };
}

export function heldLease({ lease }: Credential, nowMs: number): Lease | undefined {
  return lease && lease.expiresAtMs > nowMs ? lease : undefined;
}

function isOwn(
  lease: Lease,
  { owner, attemptId }: { owner: string; attemptId?: string | undefined },
): boolean {
  return attemptId !== undefined && lease.owner === owner && lease.attemptId === attemptId;
}

function grant(
  credential: Credential,
  { owner, attemptId, ttlMs, nowMs }: LeaseRequest,
  purpose: Lease['purpose'],
): Credential {
  const fence = credential.fence + 1;
  const lease = { owner, attemptId, purpose, fence, expiresAtMs: nowMs + ttlMs };
  return { ...credential, fence, lease };
}

function withIntent(credential: Credential, sentTokenHash: string, nowMs: number): Credential {
  const before = credential.intent;
  const ownTokenHash = attemptTokenHash(credential);
  // An intent that nobody answered for, about the token that is still stored: its answer is lost.
  const unanswered =
    credential.unanswered ??
    (before?.sentTokenHash === ownTokenHash
      ? { tokenHash: ownTokenHash, sinceMs: before.startedAtMs }
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
