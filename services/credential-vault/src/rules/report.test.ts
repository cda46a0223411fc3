import { expect, test } from 'vitest';
import { attemptTokenHash } from '../credential.ts';
import {
  contextAt,
  minuteMs,
  sampleCredential,
  samplePolicy,
  sampleTokens,
  startMs,
} from '../testing/sample.ts';
import { acceptTokens } from './attempt.ts';
import { reportRejected } from './report.ts';

const reportOf = (credential: { tokens: { accessTokenHash: string } }) => ({
  tokenHash: credential.tokens.accessTokenHash,
  worker: 'drive-sync',
});

test('a report about an older token changes nothing', () => {
  const credential = sampleCredential();
  const outcome = reportRejected(
    credential,
    { tokenHash: 'older', worker: 'drive-sync' },
    contextAt(startMs),
  );
  expect(outcome).toEqual({ credential, effect: 'ignored' });
});

test('a report about the stored token makes an attempt due now, also while backing off', () => {
  const failing = sampleCredential({ failures: 5, nextAttemptAtMs: startMs + 5 * minuteMs });
  const { credential, effect } = reportRejected(failing, reportOf(failing), contextAt(startMs));
  expect(effect).toBe('attempt_due');
  expect(credential).toMatchObject({ status: 'healthy', nextAttemptAtMs: startMs });
});

test('a second report, about the freshly refreshed token, means that access is refused', () => {
  const first = sampleCredential();
  const { credential: reported } = reportRejected(first, reportOf(first), contextAt(startMs));
  const attempt = {
    owner: 'b',
    fence: 0,
    sentTokenHash: attemptTokenHash(reported),
    policy: samplePolicy,
  };
  const tokens = sampleTokens('second', startMs);
  const refreshed = acceptTokens(
    reported,
    attempt,
    { tokens, grantedScopes: undefined },
    contextAt(startMs),
  );
  const { credential, effect } = reportRejected(
    refreshed,
    reportOf(refreshed),
    contextAt(startMs + minuteMs),
  );
  expect(effect).toBe('expired');
  expect(credential).toMatchObject({ status: 'expired', reason: { code: 'access_refused' } });
  expect(credential.episode).toBeDefined();
});

test('a token that dies sooner than the catalogue says expires nobody, however often it is reported', () => {
  const trueLifeMs = 5 * minuteMs;
  let credential = sampleCredential();
  for (let round = 1; round <= 5; round += 1) {
    const nowMs = startMs + round * trueLifeMs;
    const { credential: reported, effect } = reportRejected(
      credential,
      reportOf(credential),
      contextAt(nowMs),
    );
    expect(effect, `report ${round}`).toBe('attempt_due');
    credential = acceptTokens(
      reported,
      { owner: 'b', fence: 0, sentTokenHash: attemptTokenHash(reported), policy: samplePolicy },
      { tokens: sampleTokens(`life-${round}`, nowMs), grantedScopes: undefined },
      contextAt(nowMs),
    );
  }
});

test('a report long after that refresh is a new story', () => {
  const refreshed = sampleCredential({ refreshedAfterReportAtMs: startMs });
  expect(
    reportRejected(refreshed, reportOf(refreshed), contextAt(startMs + 11 * minuteMs)).effect,
  ).toBe('attempt_due');
});

test('a clock that was set back makes no old refresh a fresh one', () => {
  const refreshed = sampleCredential({
    refreshedAfterReportAtMs: startMs + 4 * 24 * 60 * minuteMs,
  });
  expect(reportRejected(refreshed, reportOf(refreshed), contextAt(startMs)).effect).toBe(
    'attempt_due',
  );
});
