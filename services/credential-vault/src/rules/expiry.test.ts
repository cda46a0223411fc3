import { expect, test } from 'vitest';
import { attemptTokenHash, type Credential } from '../credential.ts';
import {
  dayMs,
  hourMs,
  minuteMs,
  refused,
  sampleCredential,
  sampleFailure,
  sampleTokens,
  startMs,
} from '../testing/sample.ts';
import { type ExpiryFacts, type Failure, judgeFailure } from './expiry.ts';

function facts(
  credential: Credential,
  failure: Failure,
  overrides: Partial<ExpiryFacts> = {},
): ExpiryFacts {
  return {
    credential,
    failure,
    sentTokenHash: attemptTokenHash(credential),
    elsewhere: { worked: 0, refused: 0 },
    confirmRefusalAfterMs: minuteMs,
    nowMs: startMs + 55 * minuteMs,
    ...overrides,
  };
}

const unconfirmed = sampleFailure({
  kind: 'grant_refused_unconfirmed',
  error: 'invalid_grant',
  httpStatus: 400,
});
const clientRefused = sampleFailure({
  kind: 'client_refused',
  error: 'invalid_client',
  httpStatus: 401,
});

test('a refusal that the catalogue knows is death, and the user can act', () => {
  expect(judgeFailure(facts(sampleCredential(), refused))).toEqual({
    kind: 'dead',
    reasonCode: 'access_withdrawn',
    resolver: 'user',
  });
});

test('a refusal that means a blocked app is for the administrator at the provider', () => {
  const blocked = { ...refused, reasonCode: 'admin_blocked' } as const;
  expect(judgeFailure(facts(sampleCredential(), blocked))).toMatchObject({
    resolver: 'tenant_admin',
  });
});

test.each([
  ['a server error', sampleFailure()],
  ['a rate limit', sampleFailure({ httpStatus: 429, retryAfterMs: 5_000 })],
  ['no answer at all', sampleFailure({ httpStatus: 0, answerLost: true })],
])('%s never kills, however old everything is', (_, failure) => {
  const old = sampleCredential({
    tokens: sampleTokens('old', startMs - 400 * dayMs, { refreshExpiresAtMs: startMs - dayMs }),
    failures: 1_000,
    unanswered: { tokenHash: 'any', sinceMs: 0 },
  });
  expect(judgeFailure(facts(old, failure))).toEqual({ kind: 'transient' });
});

test('a refusal in unknown words waits for a second try', () => {
  const first = judgeFailure(facts(sampleCredential(), unconfirmed));
  expect(first).toEqual({ kind: 'wait', untilMs: startMs + 56 * minuteMs });
});

test('a second refusal in unknown words, after the delay, is death', () => {
  const credential = sampleCredential();
  const remembered = {
    ...credential,
    refusalToConfirm: { tokenHash: attemptTokenHash(credential), atMs: startMs },
  };
  expect(judgeFailure(facts(remembered, unconfirmed))).toMatchObject({ kind: 'dead' });
});

test('a remembered refusal of an older token confirms nothing', () => {
  const remembered = sampleCredential({
    refusalToConfirm: { tokenHash: 'an older one', atMs: startMs },
  });
  expect(judgeFailure(facts(remembered, unconfirmed))).toMatchObject({ kind: 'wait' });
});

test('a refused refresh after a report needs no second try: two witnesses', () => {
  const credential = sampleCredential();
  const reported = {
    ...credential,
    reported: { tokenHash: credential.tokens.accessTokenHash, atMs: startMs, worker: 'sync' },
  };
  expect(judgeFailure(facts(reported, unconfirmed))).toMatchObject({
    reasonCode: 'access_withdrawn',
  });
});

test('after a lost answer, a refusal within the grace is no verdict', () => {
  const credential = sampleCredential();
  const nowMs = startMs + 30_000;
  const lost = {
    ...credential,
    unanswered: { tokenHash: attemptTokenHash(credential), sinceMs: startMs },
  };
  expect(judgeFailure(facts(lost, refused, { nowMs }))).toEqual({
    kind: 'wait',
    untilMs: nowMs + 5_000,
  });
});

test('after a lost answer and the grace, the refusal is our own lost rotation', () => {
  const credential = sampleCredential();
  const lost = {
    ...credential,
    unanswered: { tokenHash: attemptTokenHash(credential), sinceMs: startMs },
  };
  expect(judgeFailure(facts(lost, refused, { nowMs: startMs + minuteMs }))).toMatchObject({
    kind: 'dead',
    reasonCode: 'lost_rotation',
  });
});

test('a lost answer loses nothing where refresh tokens do not rotate', () => {
  const credential = sampleCredential();
  const lost = {
    ...credential,
    policy: { ...credential.policy, rotates: false },
    unanswered: { tokenHash: attemptTokenHash(credential), sinceMs: startMs },
  };
  expect(judgeFailure(facts(lost, refused))).toMatchObject({ reasonCode: 'access_withdrawn' });
});

test('a refusal past the known life of the refresh token says that it aged', () => {
  const aged = sampleCredential({
    tokens: sampleTokens('aged', startMs, { refreshExpiresAtMs: startMs + minuteMs }),
  });
  expect(judgeFailure(facts(aged, unconfirmed))).toMatchObject({
    kind: 'dead',
    reasonCode: 'refresh_token_aged',
  });
});

test('without a refresh token, past the access token’s life, a refused identity call is the end', () => {
  const tokens = sampleTokens('short', startMs, {
    refreshToken: undefined,
    refreshTokenHash: undefined,
  });
  const ended = sampleCredential({ tokens });
  const nowMs = startMs + 2 * hourMs;
  expect(judgeFailure(facts(ended, unconfirmed, { nowMs }))).toMatchObject({
    reasonCode: 'lifetime_ended',
  });
});

test('a refused client that works for nobody else is the operator’s', () => {
  expect(judgeFailure(facts(sampleCredential(), clientRefused))).toEqual({ kind: 'operator' });
});

test('what is known for our own mistake is the operator’s, whoever else the client works for', () => {
  const failure = { ...clientRefused, kind: 'client_misconfigured' as const };
  const elsewhere = { worked: 5, refused: 0 };
  expect(judgeFailure(facts(sampleCredential(), failure, { elsewhere }))).toEqual({
    kind: 'operator',
  });
});

test('a refused client that works for another account was blocked by this one’s administrator', () => {
  expect(
    judgeFailure(
      facts(sampleCredential(), clientRefused, { elsewhere: { worked: 1, refused: 0 } }),
    ),
  ).toMatchObject({
    kind: 'dead',
    resolver: 'tenant_admin',
  });
});

test.each([
  [{ worked: 0, refused: 0 }, 'operator'],
  [{ worked: 0, refused: 5 }, 'operator'],
  [{ worked: 1, refused: 1 }, 'operator'],
  [{ worked: 2, refused: 7 }, 'operator'],
  [{ worked: 9, refused: 1 }, 'dead'],
] as const)('a refused client that, elsewhere, is %j is a matter of: %s', (elsewhere, kind) => {
  const finding = judgeFailure(facts(sampleCredential(), clientRefused, { elsewhere }));
  expect(finding.kind).toBe(kind);
});
