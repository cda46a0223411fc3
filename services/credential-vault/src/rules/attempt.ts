import {
  attemptTokenHash,
  type Credential,
  type Evidence,
  type Policy,
  type RuleContext,
  type Tokens,
  type VerdictClass,
} from '../credential.ts';
import { AttemptSupersededError } from '../errors.ts';
import {
  acceptAccess,
  acceptAccessFailure,
  askWithFreshToken,
  isAccessProbe,
  isAccessRefused,
} from './access-probe.ts';
import { type ExpiryFacts, type Failure, type Finding, judgeFailure } from './expiry.ts';
import { schedule } from './schedule.ts';
import { clearTrouble, delayIfUnusable, restore } from './status.ts';
import { withWarnings } from './time.ts';
import { declareDead, type VerdictHandling } from './verdict.ts';

export type Attempt = { owner: string; fence: number; sentTokenHash: string; policy: Policy };

export type AttemptRules = { confirmRefusalAfterMs: number; maxRetryDelayMs: number };

/**
 * New tokens. Accepted whenever the stored token is still the one that was sent, also from a holder whose lease has run out and
 * whatever the verdict became meanwhile: its answer may be the only living token. Otherwise somebody else has rotated or
 * renewed since, and these are not the newest.
 */
export function acceptTokens(
  credential: Credential,
  attempt: Attempt,
  tokens: { tokens: Tokens; grantedScopes: string[] | undefined },
  context: RuleContext,
): Credential {
  // The reply to the first write was lost, and the broker says it again.
  if (credential.tokens.accessTokenHash === tokens.tokens.accessTokenHash) return credential;
  if (isSpare(credential, attempt)) {
    return { ...releaseLease(credential, attempt), spare: tokens.tokens };
  }
  refuseOvertaken(credential, attempt);
  const reportedBefore = credential.reported?.tokenHash === credential.tokens.accessTokenHash;
  const refreshed: Credential = {
    ...credential,
    policy: attempt.policy,
    tokens: tokens.tokens,
    replacedTokenHash: attempt.sentTokenHash,
    spare: undefined,
    grantedScopes: tokens.grantedScopes ?? credential.grantedScopes,
    lastRefreshedAtMs: context.nowMs,
    reported: undefined,
    refreshedAfterReportAtMs: reportedBefore ? context.nowMs : undefined,
    lastActor: { kind: 'system', id: 'oauth-broker' },
  };
  return works(releaseLease(refreshed, attempt), context);
}

/**
 * Two holders sent the same refresh token, one of them after a pause, and the provider's grace gave each a successor. Only the
 * provider knows which of them lives, and neither order of sending nor of arrival tells; so the second is kept beside the first.
 */
function isSpare(credential: Credential, { sentTokenHash }: Attempt): boolean {
  const isStored = attemptTokenHash(credential) === sentTokenHash;
  return (
    !isStored && credential.replacedTokenHash === sentTokenHash && credential.status !== 'revoking'
  );
}

/** The identity call accepted the access token: how a credential without a refresh token is seen to live. */
export function acceptIdentity(
  credential: Credential,
  attempt: Attempt,
  context: RuleContext,
): Credential {
  if (isAccessProbe(credential, attempt.sentTokenHash)) {
    const answered = { ...releaseLease(credential, attempt), policy: attempt.policy };
    return acceptAccess(answered, context);
  }
  refuseOvertaken(credential, attempt);
  const { tokens } = credential;
  const outlived =
    tokens.accessExpiresAtMs !== undefined && tokens.accessExpiresAtMs <= context.nowMs;
  const confirmed: Credential = {
    ...credential,
    policy: attempt.policy,
    // The catalogue's lifetime was wrong: the provider's word counts, and is asked for again.
    tokens: outlived
      ? { ...tokens, accessExpiresAtMs: context.nowMs + attempt.policy.identityCheckIntervalMs }
      : tokens,
    lastRefreshedAtMs: context.nowMs,
    // The provider vouches for the token that a worker had refused; a second report of it decides (report.ts).
    refreshedAfterReportAtMs: credential.reported
      ? context.nowMs
      : credential.refreshedAfterReportAtMs,
    reported: undefined,
    lastActor: { kind: 'system', id: 'oauth-broker' },
  };
  return works(releaseLease(confirmed, attempt), context);
}

/**
 * A failure. Only the holder of the current fence is heard: a refusal that comes late may be the echo of a race that
 * somebody else has won with the same token.
 */
export function acceptFailure(
  credential: Credential,
  attempt: Attempt,
  failure: Failure,
  rules: AttemptRules & { elsewhere: ExpiryFacts['elsewhere']; handling: VerdictHandling },
  context: RuleContext,
): Credential {
  const asksAccess = isAccessProbe(credential, attempt.sentTokenHash);
  if (!asksAccess) refuseOvertaken(credential, attempt);
  if (attempt.fence !== credential.fence || credential.status === 'revoking') {
    throw new AttemptSupersededError(credential.id);
  }
  if (asksAccess) {
    const answered = { ...releaseLease(credential, attempt), policy: attempt.policy };
    return acceptAccessFailure(answered, failure, rules, context);
  }
  const facts: ExpiryFacts = {
    credential,
    failure,
    sentTokenHash: attempt.sentTokenHash,
    elsewhere: rules.elsewhere,
    confirmRefusalAfterMs: rules.confirmRefusalAfterMs,
    nowMs: context.nowMs,
  };
  const finding = judgeFailure(facts);
  const failed = remember(releaseLease({ ...credential, policy: attempt.policy }, attempt), facts);
  return applyFinding(failed, finding, facts, rules, context);
}

function refuseOvertaken(credential: Credential, attempt: Attempt): void {
  if (attemptTokenHash(credential) !== attempt.sentTokenHash)
    throw new AttemptSupersededError(credential.id);
}

/** The intent has its answer; the lease ends if it is still this holder's. */
function releaseLease(credential: Credential, { owner, fence }: Attempt): Credential {
  const own = credential.lease?.owner === owner && credential.lease.fence === fence;
  return { ...credential, intent: undefined, lease: own ? undefined : credential.lease };
}

function works(credential: Credential, context: RuleContext): Credential {
  if (credential.status === 'revoking') return credential;
  if (credential.accessProbe && isAccessRefused(credential))
    return askWithFreshToken(credential, context.nowMs);
  // A refresh proves that the grant lives, not that the API lets us in again: that takes a person.
  if (credential.status === 'expired' && credential.reason?.code === 'access_refused')
    return credential;
  if (credential.held?.reason.code === 'access_refused') return schedule(credential, context);
  if (credential.status === 'insufficient_scope') {
    return schedule(
      {
        ...credential,
        failures: 0,
        failingSinceMs: undefined,
        clientRefusedSinceMs: undefined,
        unanswered: undefined,
      },
      context,
    );
  }
  const restored = restore(clearTrouble(credential), context.nowMs);
  return schedule(withWarnings(restored, context.nowMs), context);
}

function remember(
  credential: Credential,
  { failure, sentTokenHash, nowMs }: ExpiryFacts,
): Credential {
  const { unanswered, refusalToConfirm } = credential;
  return {
    ...credential,
    failures: credential.failures + 1,
    failingSinceMs: credential.failingSinceMs ?? nowMs,
    clientRefusedSinceMs:
      failure.kind === 'client_refused'
        ? (credential.clientRefusedSinceMs ?? nowMs)
        : credential.clientRefusedSinceMs,
    unanswered:
      failure.answerLost && !unanswered ? { tokenHash: sentTokenHash, sinceMs: nowMs } : unanswered,
    refusalToConfirm:
      failure.kind === 'grant_refused_unconfirmed' && refusalToConfirm?.tokenHash !== sentTokenHash
        ? { tokenHash: sentTokenHash, atMs: nowMs }
        : refusalToConfirm,
  };
}

function applyFinding(
  credential: Credential,
  finding: Finding,
  { failure, nowMs }: ExpiryFacts,
  { maxRetryDelayMs, handling }: AttemptRules & { handling: VerdictHandling },
  context: RuleContext,
): Credential {
  const evidence = (verdictClass: VerdictClass): Evidence => ({
    error: failure.error,
    description: failure.description,
    httpStatus: failure.httpStatus,
    verdictClass,
    seenAtMs: nowMs,
  });
  switch (finding.kind) {
    case 'dead': {
      if (credential.spare) return trySpare(credential, credential.spare, context, maxRetryDelayMs);
      const reason = {
        code: finding.reasonCode,
        resolver: finding.resolver,
        evidence: evidence('dead'),
      };
      return declareDead(
        { ...credential, lastActor: { kind: 'system', id: 'credential-vault' } },
        reason,
        { handling, maxRetryDelayMs },
        context,
      );
    }
    case 'wait':
      return schedule(credential, context, { atMs: finding.untilMs, maxRetryDelayMs });
    case 'operator':
    case 'transient': {
      const code = finding.kind === 'operator' ? 'client_misconfigured' : 'provider_unavailable';
      const reason = { code, resolver: 'operator', evidence: evidence(finding.kind) } as const;
      const delayed = delayIfUnusable(credential, reason, nowMs);
      const atMs = failure.retryAfterMs === undefined ? undefined : nowMs + failure.retryAfterMs;
      return schedule(delayed, context, { atMs, maxRetryDelayMs });
    }
    default:
      return finding satisfies never;
  }
}

/** The stored tokens were not the living ones: the others are asked about before anybody is told of a death. */
function trySpare(
  credential: Credential,
  spare: Tokens,
  context: RuleContext,
  maxRetryDelayMs: number,
): Credential {
  const swapped: Credential = {
    ...credential,
    tokens: spare,
    spare: undefined,
    replacedTokenHash: undefined,
    unanswered: undefined,
    refusalToConfirm: undefined,
  };
  return schedule(swapped, context, { atMs: context.nowMs, maxRetryDelayMs });
}
