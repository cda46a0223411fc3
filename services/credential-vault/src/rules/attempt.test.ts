import { expect, test } from 'vitest';
import { attemptTokenHash, type Credential } from '../credential.ts';
import {
  applied,
  contextAt,
  dayMs,
  hourMs,
  minuteMs,
  refused,
  sampleCredential,
  sampleFailure,
  samplePolicy,
  sampleTokens,
  startMs,
} from '../testing/sample.ts';
import { type Attempt, acceptFailure, acceptIdentity, acceptTokens } from './attempt.ts';
import type { Failure } from './expiry.ts';
import { acquireLease } from './lease.ts';

const atMs = startMs + 2 * hourMs;

function lease(
  credential: Credential,
  owner = 'broker-1',
  nowMs = atMs,
): { leased: Credential; attempt: Attempt } {
  const answer = acquireLease(credential, {
    purpose: 'on_demand',
    owner,
    ttlMs: 25_000,
    minimumRemainingLifeMs: minuteMs,
    nowMs,
  });
  if (answer.kind !== 'granted') throw new Error(answer.kind);
  const { fence } = answer.credential;
  const sentTokenHash = attemptTokenHash(credential);
  return {
    leased: answer.credential,
    attempt: { owner, fence, sentTokenHash, policy: samplePolicy },
  };
}

function fail(
  credential: Credential,
  attempt: Attempt,
  failure: Failure,
  nowMs = atMs,
  elsewhere = { worked: 0, refused: 0 },
) {
  const rules = {
    ...{ confirmRefusalAfterMs: minuteMs, maxRetryDelayMs: 5 * minuteMs },
    ...{ elsewhere, handling: applied.handling },
  };
  return acceptFailure(credential, attempt, failure, rules, contextAt(nowMs));
}

const second = (nowMs = atMs) => ({
  tokens: sampleTokens('second', nowMs),
  grantedScopes: undefined,
});

test('new tokens end the attempt, the lease and all remembered trouble', () => {
  const { leased, attempt } = lease(
    sampleCredential({ failures: 2, failingSinceMs: startMs, nextAttemptAtMs: 0 }),
  );
  const refreshed = acceptTokens(leased, attempt, second(), contextAt(atMs));
  expect(refreshed).toMatchObject({
    status: 'healthy',
    lease: undefined,
    intent: undefined,
    failures: 0,
  });
  expect(refreshed.grantedScopes).toEqual(['files.read']);
});

test('the next refresh is scheduled ahead of the end', () => {
  const { leased, attempt } = lease(sampleCredential());
  const refreshed = acceptTokens(leased, attempt, second(), contextAt(atMs));
  expect(refreshed.nextAttemptAtMs).toBe(atMs + 55 * minuteMs);
});

test('a short token is refreshed at half its life', () => {
  const { leased, attempt } = lease(sampleCredential());
  const short = {
    ...second(),
    tokens: sampleTokens('short', atMs, { accessExpiresAtMs: atMs + 4 * minuteMs }),
  };
  expect(acceptTokens(leased, attempt, short, contextAt(atMs)).nextAttemptAtMs).toBe(
    atMs + 2 * minuteMs,
  );
});

test('tokens that come after another has stored newer ones are rejected', () => {
  const { leased, attempt } = lease(sampleCredential());
  const moved = { ...leased, tokens: sampleTokens('other', atMs) };
  expect(() => acceptTokens(moved, attempt, second(), contextAt(atMs))).toThrow(
    expect.objectContaining({ code: 'ATTEMPT_SUPERSEDED' }),
  );
});

test('a paused holder’s late tokens are accepted while the stored token is still the one it sent', () => {
  const { leased, attempt } = lease(sampleCredential());
  const { leased: taken } = lease(leased, 'broker-2', atMs + 30_000);
  const late = acceptTokens(taken, attempt, second(), contextAt(atMs + 31_000));
  expect(late.tokens.refreshTokenHash).toBe(second().tokens.refreshTokenHash);
  expect(late.lease).toMatchObject({ owner: 'broker-2' });
});

test('late tokens end a lost_rotation verdict: the episode closes', () => {
  const { leased, attempt } = lease(sampleCredential());
  const { leased: taken, attempt: next } = lease(leased, 'broker-2', atMs + 30_000);
  const dead = fail(taken, next, refused, atMs + 2 * minuteMs);
  expect(dead).toMatchObject({ status: 'expired', reason: { code: 'lost_rotation' } });
  const late = acceptTokens(dead, attempt, second(), contextAt(atMs + 3 * minuteMs));
  expect(late).toMatchObject({ status: 'healthy', episode: undefined, reason: undefined });
});

test('a paused holder’s late refusal is rejected: another may have won the race with the same token', () => {
  const { leased, attempt } = lease(sampleCredential());
  const { leased: taken } = lease(leased, 'broker-2', atMs + 30_000);
  expect(() => fail(taken, attempt, refused, atMs + 31_000)).toThrow(
    expect.objectContaining({ code: 'ATTEMPT_SUPERSEDED' }),
  );
});

test('a refusal opens one episode, and a second refusal opens no other', () => {
  const { leased, attempt } = lease(sampleCredential());
  const dead = fail(leased, attempt, refused);
  expect(dead).toMatchObject({ status: 'expired', sinceMs: atMs, nextAttemptAtMs: undefined });
  const again = fail({ ...dead, fence: attempt.fence }, attempt, refused, atMs + minuteMs);
  expect(again.episode).toEqual(dead.episode);
  expect(again.sinceMs).toBe(atMs);
});

test('the evidence keeps what the provider said and when', () => {
  const { leased, attempt } = lease(sampleCredential());
  const failure = { ...refused, description: 'Token has been revoked.' };
  expect(fail(leased, attempt, failure).reason?.evidence).toEqual({
    error: 'invalid_grant',
    description: 'Token has been revoked.',
    httpStatus: 400,
    verdictClass: 'dead',
    seenAtMs: atMs,
  });
});

test('trouble while the access token lives shows nothing', () => {
  const early = startMs + 56 * minuteMs;
  const due = sampleCredential({ nextAttemptAtMs: early });
  const answer = acquireLease(due, {
    purpose: 'scheduled',
    owner: 'b',
    ttlMs: 25_000,
    minimumRemainingLifeMs: 0,
    nowMs: early,
  });
  if (answer.kind !== 'granted') throw new Error(answer.kind);
  const attempt = {
    owner: 'b',
    fence: answer.credential.fence,
    sentTokenHash: attemptTokenHash(due),
    policy: samplePolicy,
  };
  expect(fail(answer.credential, attempt, sampleFailure(), early)).toMatchObject({
    status: 'healthy',
    failures: 1,
  });
});

test('trouble that outlives the access token shows as delayed, opens no episode and retries', () => {
  const { leased, attempt } = lease(sampleCredential());
  const delayed = fail(leased, attempt, sampleFailure());
  expect(delayed).toMatchObject({
    status: 'delayed',
    episode: undefined,
    reason: { code: 'provider_unavailable' },
  });
  expect(delayed.nextAttemptAtMs).toBe(atMs + 500);
});

test('Retry-After decides the next attempt', () => {
  const { leased, attempt } = lease(sampleCredential());
  const limited = sampleFailure({ httpStatus: 429, retryAfterMs: 90_000 });
  expect(fail(leased, attempt, limited).nextAttemptAtMs).toBe(atMs + 90_000);
});

test('a refused client delays without a mail; once it works for another account, the administrator there must act', () => {
  const { leased, attempt } = lease(sampleCredential());
  const clientRefused = sampleFailure({
    kind: 'client_refused',
    error: 'invalid_client',
    httpStatus: 401,
  });
  const ours = fail(leased, attempt, clientRefused);
  expect(ours).toMatchObject({
    status: 'delayed',
    episode: undefined,
    reason: { code: 'client_misconfigured' },
  });
  const theirs = fail({ ...ours, fence: attempt.fence }, attempt, clientRefused, atMs + minuteMs, {
    worked: 1,
    refused: 0,
  });
  expect(theirs).toMatchObject({
    status: 'expired',
    reason: { code: 'admin_blocked', resolver: 'tenant_admin' },
  });
  expect(theirs.nextAttemptAtMs).toBe(atMs + minuteMs + 6 * hourMs);
});

test('an answer that was lost is remembered, so that the next refusal is judged by the grace', () => {
  const { leased, attempt } = lease(sampleCredential());
  const lost = fail(leased, attempt, sampleFailure({ httpStatus: 0, answerLost: true }));
  expect(lost.unanswered).toEqual({ tokenHash: attempt.sentTokenHash, sinceMs: atMs });
});

test('a credential without refresh token lives on when the identity call accepts it, past its catalogue life', () => {
  const tokens = sampleTokens('bare', startMs, {
    refreshToken: undefined,
    refreshTokenHash: undefined,
  });
  const { leased, attempt } = lease(sampleCredential({ tokens }));
  const confirmed = acceptIdentity(leased, attempt, contextAt(atMs));
  expect(confirmed).toMatchObject({ status: 'healthy', nextAttemptAtMs: atMs + 15 * minuteMs });
});

test('an absolute life is warned of at seven days and at one, and a refresh does not hide it', () => {
  const tokens = { refreshLifeAbsolute: true, refreshExpiresAtMs: startMs + 30 * dayMs };
  const absolute = sampleCredential({ tokens: sampleTokens('first', startMs, tokens) });
  const nowMs = startMs + 24 * dayMs;
  const { leased, attempt } = lease(absolute, 'broker-1', nowMs);
  const warned = acceptTokens(
    leased,
    attempt,
    { ...second(), tokens: sampleTokens('second', nowMs, tokens) },
    contextAt(nowMs),
  );
  expect(warned).toMatchObject({
    status: 'expiring',
    warnedDays: [7],
    reason: { code: 'lifetime_ends' },
  });
  expect(warned.nextTickAtMs).toBe(startMs + 29 * dayMs);
});

test('of two successors of one token both are kept, and the second is tried before the credential is called dead', () => {
  const { leased, attempt } = lease(sampleCredential());
  const { leased: taken, attempt: next } = lease(leased, 'broker-2', atMs + 30_000);
  const first = acceptTokens(taken, attempt, second(), contextAt(atMs + 31_000));
  const other = { tokens: sampleTokens('other', atMs), grantedScopes: undefined };
  const both = acceptTokens(first, next, other, contextAt(atMs + 32_000));
  expect(both.tokens.refreshTokenHash).toBe(second().tokens.refreshTokenHash);
  const later = atMs + 3 * hourMs;
  const { leased: again, attempt: last } = lease(both, 'broker-1', later);
  const swapped = fail(again, last, refused, later);
  expect(swapped).toMatchObject({ status: 'healthy', nextAttemptAtMs: later, spare: undefined });
  expect(swapped.tokens.refreshTokenHash).toBe(other.tokens.refreshTokenHash);
});
