import type { StoredJwe } from './encryption/stored-jwe.ts';

export type CredentialStatus =
  | 'healthy'
  | 'expiring'
  | 'delayed'
  | 'expired'
  | 'insufficient_scope'
  | 'revoking';

export type ReasonCode =
  | 'access_withdrawn'
  | 'refresh_token_aged'
  | 'lifetime_ended'
  | 'access_refused'
  | 'lost_rotation'
  | 'admin_blocked'
  | 'missing_scopes'
  | 'client_misconfigured'
  | 'provider_unavailable'
  | 'lifetime_ends';

export type Resolver = 'user' | 'tenant_admin' | 'operator';
export type VerdictClass = 'dead' | 'operator' | 'transient';

/** What the provider said. */
export type Evidence = {
  error: string;
  description: string;
  httpStatus: number;
  verdictClass: VerdictClass;
  seenAtMs: number;
};

export type Reason = { code: ReasonCode; resolver: Resolver; evidence: Evidence | undefined };

export type Actor = { kind: 'user' | 'worker' | 'system'; id: string };

/** The catalogue's facts about the client, as the broker last told them. */
export type Policy = {
  providerId: string;
  providerName: string;
  clientId: string;
  /** Refresh tokens are single-use: a lost answer may be a lost token. */
  rotates: boolean;
  rotationGraceMs: number;
  identityCheckIntervalMs: number;
};

export type Identity = { kind: string; key: string; maskedLabel: string };

export type Tokens = {
  accessToken: StoredJwe;
  accessTokenHash: string;
  refreshToken: StoredJwe | undefined;
  refreshTokenHash: string | undefined;
  /** Undefined: no known end. */
  accessExpiresAtMs: number | undefined;
  refreshExpiresAtMs: number | undefined;
  /** A refresh does not extend the refresh token's life. */
  refreshLifeAbsolute: boolean;
  obtainedAtMs: number;
  /** What else the provider told that workers need; absent in records of older releases. */
  kept?: Record<string, string>;
  /** What finds the account at the next sign-in, as the JSON of an object: personal data, so encrypted like the tokens. */
  hints?: StoredJwe | undefined;
};

/** Who may talk to the provider about this credential right now. */
export type Lease = {
  owner: string;
  purpose: 'refresh' | 'renewal';
  fence: number;
  expiresAtMs: number;
  /** What its owner calls the attempt that it is for; undefined where it cannot be asked for again. */
  attemptId?: string | undefined;
};

/** An attempt that was begun: written with the lease, before anything goes to the provider. */
export type Intent = { attempt: number; fence: number; sentTokenHash: string; startedAtMs: number };

export type Credential = {
  id: string;
  accountId: string;
  policy: Policy;
  identity: Identity;
  /** Unique; credentials with the same one would be the same grant. */
  joinKey: string;
  requiredScopes: string[];
  grantedScopes: string[];
  missingScopes: string[];
  tokens: Tokens;
  /** Which host of the provider it is, where the person said so at the first authorization; never changed. */
  parameters?: Record<string, string> | undefined;

  /** SHA-256 of the refresh token that the stored one took the place of. */
  replacedTokenHash: string | undefined;
  /** What a second holder got for that same token: tried when the stored tokens are refused. */
  spare: Tokens | undefined;

  status: CredentialStatus;
  sinceMs: number;
  reason: Reason | undefined;
  /** Trouble while the access token still lives: becomes the reason when it outlives the token. */
  pendingReason: Reason | undefined;
  /** Since when it could not be used; undefined while it works. */
  unusableSinceMs: number | undefined;
  episode: { id: string; openedAtMs: number } | undefined;
  lastActor: Actor;

  fence: number;
  lease: Lease | undefined;
  attempts: number;
  intent: Intent | undefined;
  /** The oldest attempt with the stored token whose answer never came: the provider may have rotated it. */
  unanswered: { tokenHash: string; sinceMs: number } | undefined;
  /** A verdict that does not count yet: an outage is suspected (rules/outage-breaker.ts). */
  held: { reason: Reason; sinceMs: number } | undefined;
  /** Asked whether the API lets us in again, with the token of a refresh that is to come, or has come (rules/access-probe.ts). */
  accessProbe?: { freshTokenHash: string | undefined } | undefined;
  /** A refusal in words the catalogue does not know, waiting for a second try. */
  refusalToConfirm: { tokenHash: string; atMs: number } | undefined;
  /** Consecutive attempts without success. */
  failures: number;
  failingSinceMs: number | undefined;
  /** Since when the provider refuses our client here; undefined while it does not. */
  clientRefusedSinceMs: number | undefined;
  /** A worker was refused with this access token. */
  reported: { tokenHash: string; atMs: number; worker: string } | undefined;
  /** The stored access token is what a refresh brought after a report. */
  refreshedAfterReportAtMs: number | undefined;

  nextAttemptAtMs: number | undefined;
  /** When time alone may change the state (a warning is due, an access token outlives its refresh trouble). */
  nextTickAtMs: number | undefined;
  /** Warnings already given for the present end of life. */
  warnedDays: number[];

  createdAtMs: number;
  lastRefreshedAtMs: number;
  lastRenewedAtMs: number | undefined;
  /** The transaction whose candidate was installed last: makes a repeated commit harmless. */
  lastTransactionId: string | undefined;
  /** When a first authorization last joined it, whose use may not be known to have it yet. */
  joinedAtMs: number | undefined;
  revocation: { startedAtMs: number; nextAtMs: number; failures: number } | undefined;

  /** Counts changes of the document; the condition of every write. */
  version: number;
  /** Last sequence number per topic. That of `credential.state` is the version the world sees. */
  sequences: Record<string, number>;
};

/** What time and chance a rule may use. */
export type RuleContext = { nowMs: number; random: () => number; newId: () => string };

/** SHA-256 (base64url) of the token that an attempt sends: the refresh token, or the access token where there is none. */
export function attemptTokenHash(credential: Credential): string {
  return credential.tokens.refreshTokenHash ?? credential.tokens.accessTokenHash;
}

export function needsRenewal(credential: Credential): boolean {
  return credential.status === 'expired' || credential.status === 'insufficient_scope';
}

/** When the credential ends however often it is refreshed; undefined where a refresh extends it or no end is known. */
export function endOfLifeMs({ tokens }: Credential): number | undefined {
  if (tokens.refreshTokenHash === undefined) return tokens.accessExpiresAtMs;
  return tokens.refreshLifeAbsolute ? tokens.refreshExpiresAtMs : undefined;
}
