import { expect, test } from 'vitest';
import type { Credential, Evidence } from '../credential.ts';
import {
  applied,
  contextAt,
  minuteMs,
  refused,
  sampleCredential,
  sampleFailure,
  samplePolicy,
  sampleTokens,
  startMs,
} from '../testing/sample.ts';
import { acceptFailure, acceptIdentity, acceptTokens } from './attempt.ts';
import { acquireLease } from './lease.ts';
import { probe } from './verdict.ts';

const evidence: Evidence = {
  ...{ error: 'access_refused', description: '', httpStatus: 401 },
  verdictClass: 'dead',
  seenAtMs: startMs,
};
const reason = { code: 'access_refused', resolver: 'user', evidence } as const;
const held: Credential = sampleCredential({
  status: 'delayed',
  held: { reason, sinceMs: startMs },
  nextAttemptAtMs: startMs + 90 * minuteMs,
});
const at = (minutes: number) => contextAt(startMs + minutes * minuteMs);
const rules = {
  ...{ ...applied, confirmRefusalAfterMs: minuteMs },
  elsewhere: { worked: 0, refused: 0 },
};

function lease(credential: Credential, purpose: 'scheduled' | 'on_demand', minutes: number) {
  const answer = acquireLease(credential, {
    ...{ purpose, owner: 'broker-1', ttlMs: 25_000 },
    ...{ minimumRemainingLifeMs: 2 * 60 * minuteMs, nowMs: startMs + minutes * minuteMs },
  });
  if (answer.kind !== 'granted') throw new Error(answer.kind);
  return answer.credential;
}

const attemptOf = ({ lease: own, intent }: Credential) => ({
  ...{ owner: 'broker-1', fence: own?.fence ?? 0, sentTokenHash: intent?.sentTokenHash ?? '' },
  policy: samplePolicy,
});

/** The canary after its refresh: what was refused is asked for with the token that it brought. */
function refreshed(minutes = 1, from = held): Credential {
  const probed = probe(from, at(minutes - 1)) as Credential;
  const leased = lease(probed, 'scheduled', minutes);
  const fresh = { tokens: sampleTokens(`fresh-${minutes}`, startMs), grantedScopes: undefined };
  return acceptTokens(leased, attemptOf(leased), fresh, at(minutes));
}

/** A worker was refused with the stored token, longer after its refresh than makes a verdict. */
function reported(credential: Credential): Credential {
  const { accessTokenHash: tokenHash } = credential.tokens;
  return { ...credential, reported: { tokenHash, atMs: startMs, worker: 'sync' } };
}

test('a probe is a refresh, and at once an attempt with the access token that it brought', () => {
  const probed = probe(held, at(0));
  expect(probed?.nextAttemptAtMs).toBe(startMs + minuteMs);
  const leased = lease(probed as Credential, 'scheduled', 1);
  expect(leased.intent?.sentTokenHash).toBe(held.tokens.refreshTokenHash);
  const fresh = refreshed();
  expect(fresh).toMatchObject({ status: 'delayed', held: { reason } });
  expect(fresh.nextAttemptAtMs).toBe(startMs + minuteMs);
  const second = lease(fresh, 'scheduled', 1);
  expect(second.intent?.sentTokenHash).toBe(fresh.tokens.accessTokenHash);
  expect(probe(second, at(1))).toBeUndefined();
});

test('who waits for a token gets a refresh also while the identity call is due', () => {
  const leased = lease(reported(refreshed()), 'on_demand', 1);
  expect(leased.intent?.sentTokenHash).toBe(leased.tokens.refreshTokenHash);
  const fresher = { tokens: sampleTokens('fresher', startMs), grantedScopes: undefined };
  const after = acceptTokens(leased, attemptOf(leased), fresher, at(1));
  expect(after.accessProbe).toEqual({ freshTokenHash: fresher.tokens.accessTokenHash });
});

test('an accepted token ends the verdict, and a lost answer of a refresh stays known', () => {
  const unanswered = { tokenHash: 'lost', sinceMs: startMs };
  const leased = lease({ ...refreshed(), unanswered }, 'scheduled', 1);
  const works = acceptIdentity(leased, attemptOf(leased), at(1));
  expect(works).toMatchObject({ status: 'healthy', unanswered, accessProbe: undefined });
  expect(works).toMatchObject({
    held: undefined,
    lease: undefined,
    lastRefreshedAtMs: at(1).nowMs,
  });
});

test('an accepted token with which the API has refused a worker ends nothing', () => {
  const leased = lease(reported(refreshed()), 'scheduled', 1);
  const after = acceptIdentity(leased, attemptOf(leased), at(1));
  expect(after).toMatchObject({ status: 'delayed', held: { reason }, accessProbe: undefined });
});

test('an intent of the identity call that nobody answered is no lost rotation', () => {
  const crashed = lease(refreshed(), 'scheduled', 1);
  const again = lease(crashed, 'scheduled', 2);
  expect(again.unanswered).toBeUndefined();
  const refreshing = lease({ ...crashed, accessProbe: undefined }, 'scheduled', 3);
  expect(refreshing.unanswered).toBeUndefined();
});

test('a refresh that nobody answered is known though an identity call came between', () => {
  const fresh = refreshed();
  const crashed = lease(reported(fresh), 'on_demand', 1);
  const asking = lease(crashed, 'scheduled', 2);
  expect(asking.intent?.sentTokenHash).toBe(fresh.tokens.accessTokenHash);
  expect(asking.unanswered?.tokenHash).toBe(fresh.tokens.refreshTokenHash);
});

test.each([
  ['that the catalogue knows', refused, true],
  ['with a 401', sampleFailure({ kind: 'grant_refused_unconfirmed', httpStatus: 401 }), true],
  ['with a 403 of unknown words', sampleFailure({ httpStatus: 403 }), false],
  ['with a 503', sampleFailure({ httpStatus: 503 }), false],
  ['by a broken connection', sampleFailure({ httpStatus: 0, error: 'connection_lost' }), false],
  ['of our client', sampleFailure({ kind: 'client_refused', httpStatus: 401 }), false],
] as const)('a refusal %s counts as one: %#', (_, failure, counts) => {
  const leased = lease(refreshed(3), 'scheduled', 3);
  const after = acceptFailure(leased, attemptOf(leased), failure, rules, at(3));
  expect(after).toMatchObject({ status: 'delayed', lease: undefined, failures: 0 });
  expect(after.held?.reason.code).toBe('access_refused');
  expect(after.held?.reason.evidence?.seenAtMs).toBe(counts ? at(3).nowMs : startMs);
  // The next one begins with a refresh again.
  const next = probe(after, at(3)) as Credential;
  expect(next.accessProbe).toEqual({ freshTokenHash: undefined });
});

test('a late answer about a token that is not the stored one any more is refused', () => {
  const leased = lease(refreshed(), 'scheduled', 1);
  const newer = { ...leased, tokens: sampleTokens('renewed', startMs) };
  expect(() => acceptIdentity(newer, attemptOf(leased), at(1))).toThrow(/superseded|newer|other/i);
});
