import { Failure_Kind as Kind } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { msFromDuration } from '@credential-renewal/rpc';
import { expect, test } from 'vitest';
import { parseRetryAfter } from './refusal.ts';
import { failureOf } from './verdict.ts';

const dead = 'dead' as const;
const provider = {
  verdicts: [
    { error: 'invalid_grant', class: dead },
    { error: 'token_revoked', class: dead },
    { error: 'refresh_token_expired', class: dead, reason: 'refresh_token_aged' as const },
  ],
};
const unfamiliar = { verdicts: [] };

test.each([
  ['invalid_grant', 400, Kind.GRANT_REFUSED],
  ['invalid_grant', 401, Kind.GRANT_REFUSED],
  ['invalid_grant', 403, Kind.GRANT_REFUSED],
  ['invalid_grant', 200, Kind.GRANT_REFUSED],
  ['invalid_grant', 404, Kind.TRANSIENT],
  ['invalid_grant', 429, Kind.TRANSIENT],
  ['invalid_grant', 500, Kind.TRANSIENT],
  ['token_revoked', 200, Kind.GRANT_REFUSED],
  ['token_revoked', 400, Kind.GRANT_REFUSED],
  ['token_revoked', 503, Kind.TRANSIENT],
  ['invalid_client', 401, Kind.CLIENT_REFUSED],
  ['invalid_client', 400, Kind.CLIENT_REFUSED],
  ['unauthorized_client', 401, Kind.CLIENT_REFUSED],
  ['invalid_request', 400, Kind.CLIENT_REFUSED],
  ['invalid_scope', 400, Kind.CLIENT_REFUSED],
  ['invalid_client', 500, Kind.TRANSIENT],
  ['temporarily_unavailable', 400, Kind.TRANSIENT],
  ['something_new', 400, Kind.TRANSIENT],
  ['challenge', 401, Kind.TRANSIENT],
  ['http_302', 302, Kind.TRANSIENT],
  ['timeout', 0, Kind.TRANSIENT],
])('%s with status %i', (error, httpStatus, kind) => {
  expect(failureOf(provider, { error, httpStatus })).toMatchObject({ kind, httpStatus });
});

test('an invalid_grant that the catalogue does not list has to be confirmed', () => {
  const failure = failureOf(unfamiliar, { error: 'invalid_grant', httpStatus: 400 });
  expect(failure.kind).toBe(Kind.GRANT_REFUSED_UNCONFIRMED);
});

test('the catalogue says what an error means', () => {
  const reasonOf = (error: string) => failureOf(provider, { error, httpStatus: 400 }).reasonCode;
  expect(reasonOf('refresh_token_expired')).toBe('refresh_token_aged');
  expect(reasonOf('token_revoked')).toBe('access_withdrawn');
  expect(reasonOf('something_new')).toBe('');
});

test('evidence carries no token, no secret and no e-mail address', () => {
  const failure = failureOf(
    provider,
    {
      error: 'invalid_grant',
      description: `Token rt-short of ada@acme.example is gone\n${'A1-_'.repeat(20)} ${'word '.repeat(200)}`,
      httpStatus: 400,
    },
    ['rt-short'],
  );
  expect(failure.description).not.toMatch(/rt-short|ada@|A1-_/);
  expect(failure.description).not.toContain('\n');
  expect(failure.description.length).toBeLessThanOrEqual(500);
  const odd = failureOf(provider, { error: 'a secret "in" the code', httpStatus: 400 });
  expect(odd.error).toBe('unreadable_error');
});

test('Retry-After is seconds or a date, and never longer than a day', () => {
  const nowMs = Date.parse('2026-05-03T10:00:00Z');
  expect(parseRetryAfter('120', nowMs)).toBe(120_000);
  expect(parseRetryAfter('Sun, 03 May 2026 10:00:30 GMT', nowMs)).toBe(30_000);
  expect(parseRetryAfter('Sun, 03 May 2026 09:00:00 GMT', nowMs)).toBe(0);
  expect(parseRetryAfter('999999999', nowMs)).toBe(86_400_000);
  expect(parseRetryAfter('soon', nowMs)).toBeUndefined();
  expect(parseRetryAfter(null, nowMs)).toBeUndefined();
  const failure = failureOf(provider, { error: 'http_429', httpStatus: 429, retryAfterMs: 5_000 });
  expect(msFromDuration(failure.retryAfter)).toBe(5_000);
});
