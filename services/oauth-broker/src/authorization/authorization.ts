import type { ClientReference } from '../catalogue/choose-client.ts';
import { AuthorizationEndedError, AuthorizationTakenError } from '../errors.ts';

/** Where an authorization stands. `started` and `begun` end by themselves after ten minutes. */
export type AuthorizationStatus =
  /** Nobody has left for the provider yet. */
  | 'started'
  /** Bound to a browser, which is at the provider. */
  | 'begun'
  /** The code came back and is being spent; no other callback gets past here. */
  | 'exchanging'
  /** The tokens are a candidate in the vault; whose they are has to be found out, and the outcome stored. */
  | 'verifying'
  | 'succeeded'
  | 'insufficient_scope'
  | 'wrong_account'
  | 'cancelled'
  | 'failed';

export type Named = { id: string; name: string };

export type AuthorizationUse =
  | { kind: 'source'; id: string }
  | { kind: 'authorized_connection'; id: string };

/** What the provider was at the time the browser left for it (mix-up defence, RFC 9700 section 4.4). */
export type ProviderBinding = {
  issuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  redirectUri: string;
  /** The callback must carry `iss` (RFC 9207). */
  expectsIssuer: boolean;
  /** The callback must come to the redirect URI of this provider alone. */
  ownRedirectUri: boolean;
};

export type ProviderIdentity = { kind: string; key: string; maskedLabel: string };

/** Whose tokens they turned out to be, so that a repeated commit asks for the same. */
export type VerifiedGrant = {
  identity: ProviderIdentity;
  grantedScopes: string[];
  missingScopes: string[];
};

/** One OAuth transaction. It holds no secret: state, browser secret and tokens are here as hashes or not at all. */
export type Authorization = {
  id: string;
  version: number;
  accountId: string;
  userId: string;
  use: AuthorizationUse;
  /** The credential to renew; absent at a first authorization. */
  credentialId?: string;
  connectorId: string;
  /** Connectors of everything that uses the credential. */
  connectorIds: string[];
  providerId: string;
  /** The OAuth client it is made with, and with it the credential. Absent in those of an earlier release. */
  clientId?: string;
  /** What the person gave to say which host of the provider it is; absent: nobody was asked. */
  parameters?: Record<string, string>;
  providerName: string;
  requestedScopes: string[];
  requiredScopes: string[];
  /** Those that the catalogue has come to require since the living credential was granted. Absent in those of an earlier release. */
  upgradeScopes?: string[];
  heals: Named[];
  returnTo: string;
  switchIdentity: boolean;
  /** Masked. */
  providerAccount: string;
  /** The provider's identifier of the account to renew, where it can be told beforehand. */
  expectedIdentityKey?: string;
  status: AuthorizationStatus;
  /** Of the click that began it: what follows the provider's answer goes on in the same trace. */
  traceparent?: string;
  createdAtMs: number;
  updatedAtMs: number;
  expiresAtMs: number;
  /** SHA-256, base64url. */
  stateHash?: string;
  browserSecretHash?: string;
  binding?: ProviderBinding;
  /** Of the token answer; absent: it named none, so they are as requested (RFC 6749 section 5.1). */
  answeredScopes?: string[];
  idTokenSubject?: string;
  /** As the ID token says; absent: there was none, or it does not say. */
  idTokenIdentity?: ProviderIdentity;
  verified?: VerifiedGrant;
  outcome?: Outcome;
};

export type Outcome = {
  missingScopes?: string[];
  /** Beside them: the grant that was there lives, and the narrower one was dropped. */
  formerGrantStays?: boolean;
  expectedAccount?: string;
  actualAccount?: string;
  errorCode?: string;
  errorText?: string;
};

export const authorizationLifeMs = 10 * 60_000;

/** Who the provider is spoken to as. */
export function clientOf(authorization: Authorization): ClientReference {
  const { providerId, clientId = '', accountId, parameters } = authorization;
  return { providerId, clientId, accountId, parameters: parameters && { values: parameters } };
}

export function isPending({ status }: Authorization): boolean {
  return status === 'started' || status === 'begun';
}

/** Whether the ten minutes have passed without a callback. */
export function hasExpired(authorization: Authorization, nowMs: number): boolean {
  return isPending(authorization) && nowMs >= authorization.expiresAtMs;
}

function requirePending(authorization: Authorization, nowMs: number): void {
  if (hasExpired(authorization, nowMs))
    throw new AuthorizationEndedError('is older than ten minutes');
  if (!isPending(authorization)) throw new AuthorizationEndedError('was already used');
}

/**
 * Binds it to a browser. A pending one may be bound anew by its user (a reload, a step back): the newest browser and state
 * count, and a callback with the former state finds nothing.
 */
export function begin(
  authorization: Authorization,
  bound: { stateHash: string; browserSecretHash: string; binding: ProviderBinding },
  nowMs: number,
): Authorization {
  requirePending(authorization, nowMs);
  return { ...authorization, ...bound, status: 'begun', updatedAtMs: nowMs };
}

/** The one step that decides who may spend the code: of any number of callbacks one gets through. */
export function startExchange(authorization: Authorization, nowMs: number): Authorization {
  requirePending(authorization, nowMs);
  if (authorization.status !== 'begun') throw new AuthorizationEndedError('was never begun');
  return { ...authorization, status: 'exchanging', updatedAtMs: nowMs };
}

/** Left to itself for so long, it is taken up by whoever finds it. */
export const abandonedAfterMs = 30_000;

/**
 * Takes up what a crash or an outage left behind: of any number of replicas that find it one gets it. The crash was between
 * keeping the candidate and writing that down, or before: the candidate's presence will tell.
 */
export function takeUp(authorization: Authorization, nowMs: number): Authorization {
  if (nowMs - authorization.updatedAtMs < abandonedAfterMs) throw new AuthorizationTakenError();
  return requireStatus(authorization, ['exchanging', 'verifying'], {
    ...authorization,
    status: 'verifying',
    updatedAtMs: nowMs,
  });
}

export function keepCandidate(
  authorization: Authorization,
  answer: Pick<Authorization, 'answeredScopes' | 'idTokenSubject' | 'idTokenIdentity'>,
  nowMs: number,
): Authorization {
  return requireStatus(authorization, ['exchanging', 'verifying'], {
    ...authorization,
    ...answer,
    status: 'verifying',
    updatedAtMs: nowMs,
  });
}

export function verify(
  authorization: Authorization,
  verified: VerifiedGrant,
  nowMs: number,
): Authorization {
  return requireStatus(authorization, ['verifying'], {
    ...authorization,
    verified,
    updatedAtMs: nowMs,
  });
}

/** Ends it; an end is final, so what comes later (a sweep beside a callback) changes nothing. */
export function end(
  authorization: Authorization,
  status: Extract<
    AuthorizationStatus,
    'succeeded' | 'insufficient_scope' | 'wrong_account' | 'cancelled' | 'failed'
  >,
  outcome: Outcome,
  nowMs: number,
): Authorization {
  return requireStatus(authorization, ['started', 'begun', 'exchanging', 'verifying'], {
    ...authorization,
    status,
    outcome,
    updatedAtMs: nowMs,
  });
}

function requireStatus(
  authorization: Authorization,
  allowed: readonly AuthorizationStatus[],
  next: Authorization,
): Authorization {
  if (!allowed.includes(authorization.status)) throw new AuthorizationEndedError('has ended');
  return next;
}
