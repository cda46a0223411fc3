import { expect, test } from 'vitest';
import {
  contextAt,
  dayMs,
  hourMs,
  sampleCredential,
  sampleTokens,
  startMs,
} from '../testing/sample.ts';
import { dueWarnings } from './schedule.ts';
import { passTime } from './time.ts';

const reason = { code: 'provider_unavailable', resolver: 'operator', evidence: undefined } as const;
const absolute = (days: number) =>
  sampleCredential({
    tokens: sampleTokens('first', startMs, {
      refreshLifeAbsolute: true,
      refreshExpiresAtMs: startMs + days * dayMs,
    }),
  });

test('trouble turns to delayed at the moment the access token ends', () => {
  const troubled = sampleCredential({
    pendingReason: reason,
    failures: 1,
    failingSinceMs: startMs,
  });
  expect(passTime(troubled, contextAt(startMs + hourMs - 1)).status).toBe('healthy');
  expect(passTime(troubled, contextAt(startMs + hourMs))).toMatchObject({
    status: 'delayed',
    reason,
  });
});

test('time passing does not move the next attempt', () => {
  const troubled = sampleCredential({
    pendingReason: reason,
    failures: 1,
    nextAttemptAtMs: startMs + 123,
  });
  expect(passTime(troubled, contextAt(startMs + hourMs)).nextAttemptAtMs).toBe(startMs + 123);
});

test('a clock that jumps a year expires nobody', () => {
  const jumped = passTime(absolute(30), contextAt(startMs + 365 * dayMs));
  expect(jumped.status).toBe('expiring');
  expect(passTime(sampleCredential(), contextAt(startMs + 365 * dayMs)).status).toBe('healthy');
});

test('a life shorter than a warning’s notice gets no such warning', () => {
  expect(dueWarnings(absolute(3))).toEqual([1]);
  expect(dueWarnings(absolute(0.5))).toEqual([]);
});

test('a life that a refresh extends is never warned of', () => {
  const extended = sampleCredential({
    tokens: sampleTokens('first', startMs, { refreshExpiresAtMs: startMs + 30 * dayMs }),
  });
  expect(dueWarnings(extended)).toEqual([]);
});

test('trouble that time cannot turn into anything asks for no tick', () => {
  const failing = { failures: 1, failingSinceMs: startMs };
  const afterTheToken = contextAt(startMs + 2 * hourMs);
  for (const waiting of [
    // Red already: the page says more than "delayed" would.
    sampleCredential({ ...failing, status: 'insufficient_scope', pendingReason: undefined }),
    // An unknown refusal that waits to be confirmed: the next attempt decides, not time.
    sampleCredential({ ...failing, pendingReason: undefined }),
  ]) {
    expect(passTime(waiting, afterTheToken).nextTickAtMs).toBeUndefined();
  }
});
