import { expect, test } from 'vitest';
import { attemptTokenHash, type Credential } from '../credential.ts';
import { hourMs, minuteMs, sampleCredential, startMs } from '../testing/sample.ts';
import { acquireLease, type LeaseRequest, releaseLease } from './lease.ts';

const ttlMs = 25_000;

function ask(credential: Credential, overrides: Partial<LeaseRequest> = {}) {
  return acquireLease(credential, {
    purpose: 'on_demand',
    owner: 'broker-1',
    ttlMs,
    minimumRemainingLifeMs: minuteMs,
    nowMs: startMs + 2 * hourMs,
    ...overrides,
  });
}

function granted(credential: Credential, overrides: Partial<LeaseRequest> = {}): Credential {
  const answer = ask(credential, overrides);
  if (answer.kind !== 'granted') throw new Error(`expected a grant, got ${answer.kind}`);
  return answer.credential;
}

test('a grant writes lease, fence and the hash of the token to be sent together', () => {
  const credential = sampleCredential();
  const leased = granted(credential);
  expect(leased.lease).toMatchObject({ owner: 'broker-1', purpose: 'refresh', fence: 1 });
  expect(leased.intent).toMatchObject({
    attempt: 1,
    fence: 1,
    sentTokenHash: attemptTokenHash(credential),
  });
});

test('a fresh token needs no lease', () => {
  expect(ask(sampleCredential(), { nowMs: startMs + minuteMs })).toEqual({ kind: 'not_needed' });
});

test('while one holds the lease, another is told when to ask again', () => {
  const leased = granted(sampleCredential());
  const answer = ask(leased, { owner: 'broker-2', nowMs: startMs + 2 * hourMs + 5_000 });
  expect(answer).toEqual({ kind: 'held', retryAfterMs: ttlMs - 5_000 });
});

test('a lease that ran out goes to the next, who learns that an answer was lost', () => {
  const leased = granted(sampleCredential());
  const next = granted(leased, { owner: 'broker-2', nowMs: startMs + 2 * hourMs + ttlMs });
  expect(next.lease).toMatchObject({ owner: 'broker-2', fence: 2 });
  expect(next.unanswered).toEqual({
    tokenHash: attemptTokenHash(leased),
    sinceMs: startMs + 2 * hourMs,
  });
});

test('the oldest lost answer is remembered: the grace counts from the first use of the token', () => {
  const first = granted(sampleCredential());
  const second = granted(first, { nowMs: startMs + 2 * hourMs + ttlMs });
  const third = granted(second, { nowMs: startMs + 2 * hourMs + 2 * ttlMs });
  expect(third.unanswered?.sinceMs).toBe(startMs + 2 * hourMs);
});

test('a renewal takes a running refresh’s lease and raises the fence', () => {
  const leased = granted(sampleCredential());
  const renewal = granted(leased, { purpose: 'renewal', owner: 'transaction-1' });
  expect(renewal.lease).toMatchObject({ purpose: 'renewal', fence: 2 });
});

test('two renewals are served one after the other', () => {
  const renewal = granted(sampleCredential(), { purpose: 'renewal' });
  expect(ask(renewal, { purpose: 'renewal', owner: 'transaction-2' })).toMatchObject({
    kind: 'held',
  });
});

test('a refresh waits for a running renewal', () => {
  const renewal = granted(sampleCredential(), { purpose: 'renewal' });
  expect(ask(renewal)).toMatchObject({ kind: 'held' });
});

test('a scheduled attempt is refused before its time', () => {
  expect(ask(sampleCredential(), { purpose: 'scheduled', nowMs: startMs })).toEqual({
    kind: 'not_needed',
  });
});

test('a provider in trouble is asked at its own pace, however many callers wait', () => {
  const nowMs = startMs + 2 * hourMs;
  const failing = sampleCredential({ failures: 3, nextAttemptAtMs: nowMs + 30_000 });
  expect(ask(failing)).toEqual({ kind: 'held', retryAfterMs: 30_000 });
});

test('a caller that wants more life than a token has does not refresh at every call', () => {
  expect(ask(sampleCredential(), { nowMs: startMs, minimumRemainingLifeMs: 5 * hourMs })).toEqual({
    kind: 'not_needed',
  });
});

test('a dead credential is not refreshed on demand', () => {
  const dead = sampleCredential({ status: 'expired' });
  expect(() => ask(dead)).toThrow(expect.objectContaining({ code: 'CREDENTIAL_EXPIRED' }));
});

test('a disconnected credential is leased to nobody', () => {
  const gone = sampleCredential({ status: 'revoking' });
  expect(() => ask(gone, { purpose: 'renewal' })).toThrow(
    expect.objectContaining({ code: 'CREDENTIAL_REVOKING' }),
  );
});

test('a lease is given back by its holder only, and the next one need not wait', () => {
  const renewal = granted(sampleCredential(), { purpose: 'renewal' });
  const release = (owner: string, fence: number) =>
    releaseLease(renewal, { owner, fence, attemptId: undefined });
  expect(release('broker-2', renewal.fence)).toBeUndefined();
  expect(release('broker-1', renewal.fence - 1)).toBeUndefined();
  const released = release('broker-1', renewal.fence);
  expect(ask(released ?? renewal, { purpose: 'renewal', owner: 'broker-2' })).toMatchObject({
    kind: 'granted',
  });
});

test('an owner that did not hear of its lease gets the same one again, and nobody takes that for a lost answer', () => {
  const own = { attemptId: 'attempt-1' };
  const leased = granted(sampleCredential(), own);
  const again = ask(leased, { ...own, nowMs: startMs + 2 * hourMs + 5_000 });
  expect(again).toEqual({ kind: 'granted', credential: leased });
  expect(leased.unanswered).toBeUndefined();
});

test.each([
  ['another attempt of the same owner', { attemptId: 'attempt-2' }],
  ['the same attempt of another owner', { attemptId: 'attempt-1', owner: 'broker-2' }],
  ['an owner that names no attempt', { attemptId: undefined }],
])('a lease that is held is not given to %s', (_, asked) => {
  const leased = granted(sampleCredential(), { attemptId: 'attempt-1' });
  expect(ask(leased, asked)).toEqual({ kind: 'held', retryAfterMs: ttlMs });
});

test('a lease that its owner never heard of is given back by its attempt, and no other is', () => {
  const leased = granted(sampleCredential(), { attemptId: 'attempt-1' });
  const release = (owner: string, attemptId: string) =>
    releaseLease(leased, { owner, fence: 0, attemptId });
  expect(release('broker-1', 'attempt-2')).toBeUndefined();
  expect(release('broker-2', 'attempt-1')).toBeUndefined();
  expect(release('broker-1', 'attempt-1')).toMatchObject({ lease: undefined, intent: undefined });
});
