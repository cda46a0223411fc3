import type { Credential, ReasonCode, Resolver } from '../credential.ts';

/** Why an attempt failed, as the broker read it from the provider's answer. */
export type Failure = {
  kind:
    | 'grant_refused'
    | 'grant_refused_unconfirmed'
    | 'client_refused'
    | 'client_misconfigured'
    | 'transient';
  error: string;
  description: string;
  /** 0: there was no HTTP answer. */
  httpStatus: number;
  retryAfterMs: number | undefined;
  answerLost: boolean;
  /** What the catalogue knows the error to mean. */
  reasonCode: 'access_withdrawn' | 'refresh_token_aged' | 'admin_blocked';
};

export type ExpiryFacts = {
  credential: Credential;
  failure: Failure;
  /** SHA-256 of the token the attempt was about; it is the stored one. */
  sentTokenHash: string;
  /** Other accounts for which the same client worked a while after it was first refused here, and for which it is refused too. */
  elsewhere: { worked: number; refused: number };
  confirmRefusalAfterMs: number;
  nowMs: number;
};

/** What a failed attempt means. */
export type Finding =
  | { kind: 'dead'; reasonCode: ReasonCode; resolver: Resolver }
  /** Our client is at fault, or nobody can tell otherwise. */
  | { kind: 'operator' }
  /** No verdict before this moment. */
  | { kind: 'wait'; untilMs: number }
  | { kind: 'transient' };

type Check = (facts: ExpiryFacts) => Finding | undefined;

const graceRetryMs = 5_000;

/**
 * Whether a failed attempt means that the credential is dead. The checks are asked in order and the first that knows an
 * answer decides. Time alone, an unknown text or a missing answer never kills: each `dead` below needs a refusal.
 */
export function judgeFailure(facts: ExpiryFacts): Finding {
  for (const check of checks) {
    const finding = check(facts);
    if (finding) return finding;
  }
  return { kind: 'transient' };
}

/** Our lost answer may have carried the only living token: retry while the provider honours the spent one, then own up. */
const refusedAfterUnansweredRotation: Check = (facts) => {
  const { unanswered, policy } = facts.credential;
  if (!isRefusal(facts) || !policy.rotates || unanswered?.tokenHash !== facts.sentTokenHash)
    return undefined;
  const graceEndsMs = unanswered.sinceMs + policy.rotationGraceMs;
  if (facts.nowMs < graceEndsMs) {
    return { kind: 'wait', untilMs: Math.min(facts.nowMs + graceRetryMs, graceEndsMs) };
  }
  return { kind: 'dead', reasonCode: 'lost_rotation', resolver: 'user' };
};

const refusedAfterItsLife: Check = (facts) => {
  if (!isRefusal(facts)) return undefined;
  const { tokens } = facts.credential;
  const hasRefreshToken = tokens.refreshTokenHash !== undefined;
  const endsMs = hasRefreshToken ? tokens.refreshExpiresAtMs : tokens.accessExpiresAtMs;
  if (endsMs === undefined || endsMs > facts.nowMs) return undefined;
  const reasonCode = hasRefreshToken ? 'refresh_token_aged' : 'lifetime_ended';
  return { kind: 'dead', reasonCode, resolver: 'user' };
};

const refusalTheCatalogueKnows: Check = ({ failure }) => {
  if (failure.kind !== 'grant_refused') return undefined;
  const resolver = failure.reasonCode === 'admin_blocked' ? 'tenant_admin' : 'user';
  return { kind: 'dead', reasonCode: failure.reasonCode, resolver };
};

/** Two witnesses: the API refused a worker with this very access token, and now the provider refuses too. */
const refusedAfterReport: Check = (facts) => {
  const { reported, tokens } = facts.credential;
  if (!isRefusal(facts) || reported?.tokenHash !== tokens.accessTokenHash) return undefined;
  return { kind: 'dead', reasonCode: 'access_withdrawn', resolver: 'user' };
};

const refusalInUnknownWords: Check = (facts) => {
  if (facts.failure.kind !== 'grant_refused_unconfirmed') return undefined;
  const first = facts.credential.refusalToConfirm;
  const confirmableFromMs =
    (first?.tokenHash === facts.sentTokenHash ? first.atMs : facts.nowMs) +
    facts.confirmRefusalAfterMs;
  if (facts.nowMs < confirmableFromMs) return { kind: 'wait', untilMs: confirmableFromMs };
  return { kind: 'dead', reasonCode: 'access_withdrawn', resolver: 'user' };
};

/**
 * The client works for others: this customer's administrator removed or blocked us. Where it is refused for others too, or nobody can be compared, it
 * is ours to mend. More must work than fail: two customers who block us in the same hour do not vouch for each other.
 */
const clientRefused: Check = ({ failure, elsewhere }) => {
  if (failure.kind !== 'client_refused') return undefined;
  if (elsewhere.worked <= elsewhere.refused) return { kind: 'operator' };
  return { kind: 'dead', reasonCode: 'admin_blocked', resolver: 'tenant_admin' };
};

/** The catalogue knows it for our own fault, so whom else the client works for is no question. */
const clientMisconfigured: Check = ({ failure }) =>
  failure.kind === 'client_misconfigured' ? { kind: 'operator' } : undefined;

const checks: readonly Check[] = [
  refusedAfterUnansweredRotation,
  refusedAfterItsLife,
  refusalTheCatalogueKnows,
  refusedAfterReport,
  refusalInUnknownWords,
  clientRefused,
  clientMisconfigured,
];

function isRefusal({ failure }: ExpiryFacts): boolean {
  return failure.kind === 'grant_refused' || failure.kind === 'grant_refused_unconfirmed';
}
