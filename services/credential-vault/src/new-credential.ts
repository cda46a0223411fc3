import { createHash } from 'node:crypto';
import type { Credential, RuleContext } from './credential.ts';
import type { VerifiedCandidate } from './rules/renewal.ts';
import { schedule } from './rules/schedule.ts';
import { withWarnings } from './rules/time.ts';

/** A credential from its first authorization. */
export function newCredential(
  id: string,
  accountId: string,
  candidate: Omit<VerifiedCandidate, 'joinKey'>,
  context: RuleContext,
): Credential {
  const { nowMs } = context;
  const credential: Credential = {
    id,
    accountId,
    policy: candidate.policy,
    identity: candidate.identity,
    joinKey: joinKey(accountId, candidate),
    requiredScopes: candidate.requiredScopes,
    grantedScopes: candidate.grantedScopes,
    missingScopes: candidate.missingScopes,
    tokens: candidate.tokens,
    parameters: candidate.parameters,
    replacedTokenHash: undefined,
    spare: undefined,
    status: 'healthy',
    sinceMs: nowMs,
    reason: undefined,
    pendingReason: undefined,
    unusableSinceMs: undefined,
    episode: undefined,
    lastActor: candidate.actor,
    fence: 0,
    lease: undefined,
    attempts: 0,
    intent: undefined,
    unanswered: undefined,
    held: undefined,
    refusalToConfirm: undefined,
    failures: 0,
    failingSinceMs: undefined,
    clientRefusedSinceMs: undefined,
    reported: undefined,
    refreshedAfterReportAtMs: undefined,
    nextAttemptAtMs: undefined,
    nextTickAtMs: undefined,
    warnedDays: [],
    createdAtMs: nowMs,
    lastRefreshedAtMs: nowMs,
    lastRenewedAtMs: undefined,
    lastTransactionId: candidate.transactionId,
    joinedAtMs: undefined,
    revocation: undefined,
    version: 1,
    sequences: {},
  };
  return schedule(withWarnings(credential, nowMs), context);
}

/**
 * Two authorizations with the same key are the same grant at the provider and share one credential (semantics 20). The
 * scopes belong to it: a grant for other permissions could not serve the sources of the first.
 */
export function joinKey(
  accountId: string,
  {
    policy,
    identity,
    requiredScopes,
  }: Pick<VerifiedCandidate, 'policy' | 'identity' | 'requiredScopes'>,
): string {
  const parts = [
    accountId,
    policy.clientId,
    policy.providerId,
    identity.kind,
    identity.key,
    [...requiredScopes].sort(),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
