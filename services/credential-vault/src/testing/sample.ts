import type { Credential, Policy, RuleContext } from '../credential.ts';
import type { StoredJwe } from '../encryption/stored-jwe.ts';
import { newCredential } from '../new-credential.ts';
import type { Failure } from '../rules/expiry.ts';
import type { OutageSettings } from '../rules/outage-breaker.ts';
import type { VerifiedCandidate } from '../rules/renewal.ts';
import { tokenHash } from '../token-hash.ts';

export const startMs = Date.UTC(2026, 4, 3, 12);
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Without chance, so that moments can be named exactly. */
export function contextAt(nowMs: number): RuleContext {
  let count = 0;
  return { nowMs, random: () => 0, newId: () => `id-${nowMs}-${++count}` };
}

/** Verdicts count. */
export const applied = { handling: { kind: 'apply' }, maxRetryDelayMs: 5 * minuteMs } as const;

/** The defaults. */
export const sampleOutageSettings: OutageSettings = {
  ...{ minAccounts: 3, ratio: 0.5, windowMs: 10 * minuteMs, holdMs: hourMs },
};

export const samplePolicy: Policy = {
  providerId: 'orchard',
  providerName: 'Orchard Drive',
  clientId: 'our-client',
  rotates: true,
  rotationGraceMs: minuteMs,
  identityCheckIntervalMs: 15 * minuteMs,
};

export function sampleCandidate(overrides: Partial<VerifiedCandidate> = {}): VerifiedCandidate {
  return {
    transactionId: 'transaction-1',
    identity: { kind: 'user', key: 'provider-user-1', maskedLabel: 'a•••@orchard.example' },
    requiredScopes: ['files.read'],
    grantedScopes: ['files.read'],
    missingScopes: [],
    joinKey: 'key-of-the-grant',
    switchIdentity: false,
    firstAuthorization: false,
    tokens: sampleTokens('first', startMs),
    actor: { kind: 'user', id: 'ada' },
    policy: samplePolicy,
    ...overrides,
  };
}

export function sampleTokens(
  name: string,
  nowMs: number,
  overrides: Partial<Credential['tokens']> = {},
) {
  return {
    accessToken: sealed,
    accessTokenHash: tokenHash(`access-${name}`),
    refreshToken: sealed,
    refreshTokenHash: tokenHash(`refresh-${name}`),
    accessExpiresAtMs: nowMs + hourMs,
    refreshExpiresAtMs: undefined,
    refreshLifeAbsolute: false,
    obtainedAtMs: nowMs,
    ...overrides,
  };
}

const sealed = sealedUnder('data-key');

/** What looks like a token under a data key, where nobody opens it. */
export function sealedUnder(kid: string): StoredJwe {
  const header = Buffer.from(JSON.stringify({ kid })).toString('base64url');
  return { protected: header, iv: '', ciphertext: '', tag: '' };
}

export function sampleCredential(overrides: Partial<Credential> = {}): Credential {
  return {
    ...newCredential('credential-1', 'acme', sampleCandidate(), contextAt(startMs)),
    ...overrides,
  };
}

export function sampleFailure(overrides: Partial<Failure> = {}): Failure {
  return {
    kind: 'transient',
    error: 'server_error',
    description: '',
    httpStatus: 500,
    retryAfterMs: undefined,
    answerLost: false,
    reasonCode: 'access_withdrawn',
    ...overrides,
  };
}

export const refused = sampleFailure({
  kind: 'grant_refused',
  error: 'invalid_grant',
  httpStatus: 400,
});
