import type { Actor, Credential, Identity, Policy, RuleContext, Tokens } from '../credential.ts';
import { needsRenewal } from '../credential.ts';
import { CredentialRevokingError } from '../errors.ts';
import { schedule } from './schedule.ts';
import { clearTrouble, openEpisode, restore, withStatus } from './status.ts';
import { withWarnings } from './time.ts';

/** A verified code exchange that wants to become the credential's tokens. */
export type VerifiedCandidate = {
  transactionId: string;
  identity: Identity;
  requiredScopes: string[];
  grantedScopes: string[];
  missingScopes: string[];
  /** What a credential of this grant and these scopes is found by; undefined: another one has it. */
  joinKey: string | undefined;
  switchIdentity: boolean;
  /** Of a use that has no credential yet: it joins the one that is there. */
  firstAuthorization: boolean;
  tokens: Tokens;
  parameters?: Record<string, string> | undefined;
  actor: Actor;
  policy: Policy;
};

export type InstallAnswer =
  | { kind: 'installed'; credential: Credential }
  | { kind: 'already_installed' }
  | { kind: 'wrong_identity' }
  /** With a credential: the old grant was dead, so the new one is installed although something is missing. */
  | { kind: 'insufficient_scope'; credential: Credential | undefined };

/** Verify before overwrite (semantics 17 to 19): what was there stays unless the new grant is of the same identity and no worse. */
export function installCandidate(
  credential: Credential,
  candidate: VerifiedCandidate,
  context: RuleContext,
): InstallAnswer {
  if (credential.lastTransactionId === candidate.transactionId)
    return { kind: 'already_installed' };
  if (credential.status === 'revoking') throw new CredentialRevokingError(credential.id);
  const switched = !sameIdentity(credential.identity, candidate.identity);
  if (switched && !candidate.switchIdentity) return { kind: 'wrong_identity' };
  // Another host of the provider is not another account of the same: a switch does not lead there either.
  if (!sameParameters(credential.parameters, candidate.parameters))
    return { kind: 'wrong_identity' };
  if (candidate.missingScopes.length === 0) {
    return { kind: 'installed', credential: install(credential, candidate, switched, context) };
  }
  if (!needsRenewal(credential)) return { kind: 'insufficient_scope', credential: undefined };
  const installed = install(credential, candidate, switched, context);
  return {
    kind: 'insufficient_scope',
    credential: markInsufficient(installed, credential, candidate, context),
  };
}

export function sameIdentity(one: Identity, other: Identity): boolean {
  return one.kind === other.kind && one.key === other.key;
}

function sameParameters(
  one: Credential['parameters'] = {},
  other: Credential['parameters'] = {},
): boolean {
  const names = Object.keys({ ...one, ...other });
  return names.every((name) => one[name] === other[name]);
}

function install(
  credential: Credential,
  candidate: VerifiedCandidate,
  switched: boolean,
  context: RuleContext,
): Credential {
  const renewed: Credential = {
    ...clearTrouble(credential),
    policy: candidate.policy,
    identity: candidate.identity,
    joinKey: joinKeyAfter(credential, candidate, switched),
    requiredScopes: candidate.requiredScopes,
    grantedScopes: candidate.grantedScopes,
    missingScopes: candidate.missingScopes,
    tokens: candidate.tokens,
    replacedTokenHash: undefined,
    spare: undefined,
    lease: undefined,
    // Ends a running refresh's claim: its fence is not the current one any more.
    fence: credential.fence + 1,
    intent: undefined,
    reported: undefined,
    refreshedAfterReportAtMs: undefined,
    pendingReason: undefined,
    warnedDays: [],
    lastRefreshedAtMs: context.nowMs,
    lastRenewedAtMs: context.nowMs,
    lastTransactionId: candidate.transactionId,
    joinedAtMs: candidate.firstAuthorization ? context.nowMs : credential.joinedAtMs,
    lastActor: candidate.actor,
  };
  return schedule(withWarnings(restore(renewed, context.nowMs), context.nowMs), context);
}

const switchedKey = ({ id }: Credential) => `switched:${id}`;

/**
 * Another identity may have a credential of its own already; this one then stays apart from it. Of the same identity it is found by
 * what it has now been granted for: by its former scopes, who needs fewer would join it and take away what it has gained.
 */
function joinKeyAfter(
  credential: Credential,
  candidate: VerifiedCandidate,
  switched: boolean,
): string {
  if (switched || credential.joinKey === switchedKey(credential)) return switchedKey(credential);
  return candidate.joinKey ?? `apart:${credential.id}`;
}

function markInsufficient(
  installed: Credential,
  before: Credential,
  candidate: VerifiedCandidate,
  context: RuleContext,
): Credential {
  const evidence = {
    error: 'insufficient_scope',
    description: `Not granted: ${candidate.missingScopes.join(', ')}`,
    httpStatus: 200,
    verdictClass: 'dead',
    seenAtMs: context.nowMs,
  } as const;
  const reason = { code: 'missing_scopes', resolver: 'user', evidence } as const;
  const episodeKept = {
    ...installed,
    episode: before.episode,
    unusableSinceMs: before.unusableSinceMs,
    lastRenewedAtMs: before.lastRenewedAtMs,
  };
  const marked = withStatus(
    openEpisode(episodeKept, context),
    'insufficient_scope',
    reason,
    context.nowMs,
  );
  return schedule(marked, context);
}
