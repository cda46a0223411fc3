import { describe, expect, test } from 'vitest';
import type { Credential, Reason } from '../credential.ts';
import {
  applied,
  contextAt,
  hourMs,
  minuteMs,
  sampleCandidate,
  sampleCredential,
  sampleTokens,
  startMs,
} from '../testing/sample.ts';
import type { Hold } from './outage-breaker.ts';
import { installCandidate } from './renewal.ts';
import { startRevocation } from './revocation.ts';
import {
  canaryOutcome,
  declareDead,
  isDeath,
  isExpectedEnd,
  probe,
  retrySlipped,
  settleHeld,
} from './verdict.ts';

const reason: Reason = {
  code: 'access_withdrawn',
  resolver: 'user',
  evidence: {
    ...{ error: 'invalid_grant', description: 'revoked', httpStatus: 400 },
    ...{ verdictClass: 'dead', seenAtMs: startMs },
  },
};
const untilMs = startMs + hourMs;
const holding = { ...applied, handling: { kind: 'hold', untilMs } } as const;
const withheld = { ...applied, handling: { kind: 'withhold' } } as const;
const context = contextAt(startMs);
const hold: Hold = {
  ...{ sinceMs: startMs, untilMs, accountIds: ['acme'], canaries: [], slipped: [] },
};
const held = declareDead(sampleCredential({ failures: 3 }), reason, holding, context);

describe('a verdict that is held', () => {
  test('shows as delayed with what the provider said, opens no episode, and waits for the end of the hold', () => {
    expect(held).toMatchObject({
      status: 'delayed',
      episode: undefined,
      held: { reason, sinceMs: startMs },
      reason: {
        ...{ code: 'provider_unavailable', resolver: 'operator' },
        evidence: { error: 'invalid_grant', verdictClass: 'transient' },
      },
    });
    expect(held.nextAttemptAtMs).toBeGreaterThanOrEqual(untilMs);
  });

  test('that is refused once more stays held since the first time, with the newer evidence', () => {
    const evidence = { ...reason.evidence, seenAtMs: startMs + 1 } as Reason['evidence'];
    const again = declareDead(held, { ...reason, evidence }, holding, contextAt(startMs + 1));
    expect(again.held).toEqual({ reason: { ...reason, evidence }, sinceMs: startMs });
  });

  test('counts once it is confirmed, or its hold has ended: one episode, with the reason of then', () => {
    for (const end of ['confirmed', 'ended'] as const) {
      const dead = settleHeld(held, end, context) as Credential;
      expect(dead).toMatchObject({ status: 'expired', held: undefined, reason });
      expect(isDeath(held, dead)).toBe(true);
      expect(settleHeld(dead, end, context)).toBeUndefined();
    }
  });

  test('is forgotten when it is released: the credential is tried again soon, and on demand at once', () => {
    const released = settleHeld(held, 'released', context);
    expect(released).toMatchObject({ status: 'delayed', held: undefined, failures: 0 });
    expect(released?.nextAttemptAtMs).toBe(startMs);
    const later = settleHeld(held, 'released', { ...context, random: () => 1 });
    expect(later?.nextAttemptAtMs).toBe(startMs + 5 * minuteMs);
  });

  test('goes with a renewal, and with a disconnect', () => {
    const renewed = installCandidate(held, sampleCandidate({ transactionId: 'renewal' }), context);
    expect(renewed).toMatchObject({ credential: { status: 'healthy', held: undefined } });
    const actor = { kind: 'system', id: 'test' } as const;
    expect(startRevocation(held, { actor, seenVersion: 0 }, context).held).toBeUndefined();
  });
});

test('a dead credential stays dead, whatever becomes of verdicts: no second episode', () => {
  const dead = declareDead(sampleCredential(), reason, applied, context);
  for (const verdict of [applied, holding, withheld]) {
    const again = declareDead(dead, reason, verdict, contextAt(startMs + 1));
    expect(again).toMatchObject({ status: 'expired', episode: dead.episode });
    expect(isDeath(dead, again)).toBe(false);
  }
});

test('a withheld verdict is trouble like any other: healthy while the token lives, delayed after that, and tried again', () => {
  const living = declareDead(sampleCredential(), reason, withheld, context);
  expect(living).toMatchObject({ status: 'healthy', episode: undefined, held: undefined });
  const after = contextAt(startMs + 2 * hourMs);
  const outlived = declareDead(sampleCredential(), reason, withheld, after);
  expect(outlived).toMatchObject({ status: 'delayed', reason: { code: 'provider_unavailable' } });
  expect(outlived.nextAttemptAtMs).toBeLessThanOrEqual(after.nowMs + applied.maxRetryDelayMs);
});

test('the refusal of a grant whose known life is over was to be expected', () => {
  const until = (refreshExpiresAtMs: number | undefined) =>
    sampleCredential({ tokens: sampleTokens('any', startMs, { refreshExpiresAtMs }) });
  expect(isExpectedEnd(until(startMs), startMs)).toBe(true);
  expect(isExpectedEnd(until(startMs + 1), startMs)).toBe(false);
  expect(isExpectedEnd(until(undefined), startMs)).toBe(false);
  const tokens = sampleTokens('any', startMs, { refreshTokenHash: undefined });
  expect(isExpectedEnd(sampleCredential({ tokens }), startMs + hourMs)).toBe(true);
});

describe('canaries', () => {
  const dead = declareDead(sampleCredential(), reason, applied, context);
  const later = startMs + minuteMs;

  test('tell by a refresh, by a refusal, or nothing yet', () => {
    expect(canaryOutcome(held, hold)).toEqual({ refusedAtMs: startMs });
    expect(canaryOutcome(dead, hold)).toEqual({ refusedAtMs: startMs });
    expect(canaryOutcome({ ...held, lastRefreshedAtMs: later }, hold)).toBe('works');
    expect(canaryOutcome(sampleCredential(), hold)).toBe('silent');
  });

  test('tell nothing once they are gone or renewed by a person', () => {
    expect(canaryOutcome(undefined, hold)).toBe('void');
    expect(canaryOutcome({ ...held, status: 'revoking' }, hold)).toBe('void');
    const renewed = { ...held, lastRenewedAtMs: later, lastRefreshedAtMs: later + 1 };
    expect(canaryOutcome(renewed, hold)).toBe('void');
  });

  test('are tried every minute, though they are dead or wait for the end of the hold', () => {
    for (const canary of [held, dead]) {
      const probed = probe(canary, context);
      expect(probed?.nextAttemptAtMs).toBe(startMs + minuteMs);
      expect(probe(probed as Credential, context)).toBeUndefined();
    }
  });
});

test('those that died before the hold are tried again when it is released, unless there is nothing to ask with', () => {
  const dead = declareDead(sampleCredential(), reason, applied, context);
  expect(retrySlipped(dead, context)?.nextAttemptAtMs).toBe(startMs);
  const refused = { ...dead, reason: { ...reason, code: 'access_refused' } } as Credential;
  expect(retrySlipped(refused, context)).toMatchObject({
    nextAttemptAtMs: startMs,
    accessProbe: { freshTokenHash: undefined },
  });
  const { tokens } = refused;
  const withoutRefresh = { ...refused, tokens: { ...tokens, refreshTokenHash: undefined } };
  expect(retrySlipped(withoutRefresh, context)).toBeUndefined();
  expect(retrySlipped(sampleCredential(), context)).toBeUndefined();
});
