import {
  type CredentialState,
  CredentialStatus,
  Resolver,
  VerdictClass,
} from '@credential-renewal/proto/events/v1/credential';
import { expect, test } from 'vitest';
import { toCredential } from './credential.ts';

const createdAt = new Date('2026-05-01T10:00:00Z');
const since = new Date('2026-05-03T08:30:00Z');
const everybody = { showEvidence: false };

function stateWith(overrides: Partial<CredentialState>): CredentialState {
  return {
    credentialId: 'c1',
    accountId: 'a1',
    version: 4n,
    providerId: 'demo',
    providerName: 'Demo',
    clientId: 'client',
    status: CredentialStatus.EXPIRED,
    since,
    episodeId: 'e1',
    missingScopes: [],
    actor: undefined,
    reason: {
      code: 'access_withdrawn',
      text: 'Demo says that the access was withdrawn.',
      resolver: Resolver.USER,
      evidence: {
        error: 'invalid_grant',
        description: 'revoked',
        httpStatus: 0,
        verdictClass: VerdictClass.DEAD,
        seenAt: since,
      },
    },
    ...overrides,
  };
}

test('without a credential the authorization is pending since the source was made', () => {
  expect(toCredential(undefined, createdAt, everybody)).toMatchObject({
    status: 'pending',
    since: '2026-05-01T10:00:00.000Z',
    reason: null,
  });
});

test('an expired credential says since when, why, and who can act', () => {
  expect(toCredential(stateWith({}), createdAt, everybody)).toEqual({
    status: 'expired',
    since: '2026-05-03T08:30:00.000Z',
    expiresAt: null,
    reason: {
      code: 'access_withdrawn',
      text: 'Demo says that the access was withdrawn.',
      resolver: 'user',
      evidence: null,
    },
    episodeId: 'e1',
    lastRenewedAt: null,
    missingScopes: [],
    scopeUpgrade: null,
  });
});

test('what a release has come to need is told beside a status that stays', () => {
  const living = stateWith({ status: CredentialStatus.HEALTHY, reason: undefined });
  expect(toCredential(living, createdAt, everybody, ['files.comment'])).toMatchObject({
    status: 'healthy',
    missingScopes: [],
    scopeUpgrade: { missingScopes: ['files.comment'] },
  });
});

test('what the provider said literally is for administrators', () => {
  const { reason } = toCredential(stateWith({}), createdAt, { showEvidence: true });
  expect(reason?.evidence).toEqual({
    error: 'invalid_grant',
    description: 'revoked',
    httpStatus: null,
    verdict: 'dead',
    seenAt: '2026-05-03T08:30:00.000Z',
  });
});

test('a credential that is being disconnected is never shown as such', () => {
  const shown = toCredential(
    stateWith({ status: CredentialStatus.REVOKING }),
    createdAt,
    everybody,
  );
  expect(shown.status).toBe('pending');
  expect(shown.reason).toBeNull();
});

test('a state without its time is a fault of the service, not an invented time', () => {
  expect(() => toCredential(stateWith({ since: undefined }), createdAt, everybody)).toThrow(
    'credential.since',
  );
});
