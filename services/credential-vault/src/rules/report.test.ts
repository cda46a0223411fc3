import { expect, test } from 'vitest';
import { attemptTokenHash, type Credential, type RuleContext } from '../credential.ts';
import {
  applied,
  contextAt,
  minuteMs,
  sampleCredential,
  samplePolicy,
  sampleTokens,
  startMs,
} from '../testing/sample.ts';
import { acceptTokens } from './attempt.ts';
import { type RejectedTokenReport, reportRejected } from './report.ts';
import type { VerdictHandling } from './verdict.ts';

const report = (
  credential: Credential,
  rejected: RejectedTokenReport,
  context: RuleContext,
  handling: VerdictHandling = applied.handling,
) => reportRejected(credential, rejected, { ...applied, handling }, context);

const reportOf = (credential: { tokens: { accessTokenHash: string } }) => ({
  tokenHash: credential.tokens.accessTokenHash,
  worker: 'drive-sync',
});

test('a report about an older token changes nothing', () => {
  const credential = sampleCredential();
  const outcome = report(
    credential,
    { tokenHash: 'older', worker: 'drive-sync' },
    contextAt(startMs),
  );
  expect(outcome).toEqual({ credential, effect: 'ignored' });
});

test('a report about the stored token makes an attempt due now, also while backing off', () => {
  const failing = sampleCredential({ failures: 5, nextAttemptAtMs: startMs + 5 * minuteMs });
  const { credential, effect } = report(failing, reportOf(failing), contextAt(startMs));
  expect(effect).toBe('attempt_due');
  expect(credential).toMatchObject({ status: 'healthy', nextAttemptAtMs: startMs });
});

test('a second report, about the freshly refreshed token, means that access is refused', () => {
  const first = sampleCredential();
  const { credential: reported } = report(first, reportOf(first), contextAt(startMs));
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
  const { credential, effect } = report(
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
    const { credential: reported, effect } = report(
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
  expect(report(refreshed, reportOf(refreshed), contextAt(startMs + 11 * minuteMs)).effect).toBe(
    'attempt_due',
  );
});

test('a clock that was set back makes no old refresh a fresh one', () => {
  const refreshed = sampleCredential({
    refreshedAfterReportAtMs: startMs + 4 * 24 * 60 * minuteMs,
  });
  expect(report(refreshed, reportOf(refreshed), contextAt(startMs)).effect).toBe('attempt_due');
});

test('a refused access that is held or withheld leaves the credential delayed, with the token known to be refused', () => {
  const refreshed = sampleCredential({ refreshedAfterReportAtMs: startMs });
  const untilMs = startMs + 60 * minuteMs;
  for (const handling of [{ kind: 'hold', untilMs }, { kind: 'withhold' }] as const) {
    const outcome = report(refreshed, reportOf(refreshed), contextAt(startMs), handling);
    expect(outcome).toMatchObject({
      effect: 'attempt_due',
      credential: {
        status: 'delayed',
        episode: undefined,
        reason: { code: 'provider_unavailable' },
        reported: { tokenHash: refreshed.tokens.accessTokenHash },
      },
    });
  }
});

test('a report while the verdict is held brings no attempt forward: only the canaries ask', () => {
  const reason = { code: 'access_withdrawn', resolver: 'user', evidence: undefined } as const;
  const held = sampleCredential({
    status: 'delayed',
    held: { reason, sinceMs: startMs },
    nextAttemptAtMs: startMs + 60 * minuteMs,
  });
  const { credential, effect } = report(held, reportOf(held), contextAt(startMs));
  expect(effect).toBe('attempt_due');
  expect(credential.nextAttemptAtMs).toBe(startMs + 60 * minuteMs);
});
