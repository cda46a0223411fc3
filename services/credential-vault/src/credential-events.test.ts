import { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import { expect, test } from 'vitest';
import type { Credential } from './credential.ts';
import { recordChange, tombstone } from './credential-events.ts';
import { passTime } from './rules/time.ts';
import { contextAt, dayMs, sampleCredential, sampleTokens, startMs } from './testing/sample.ts';

const born = () => recordChange(undefined, sampleCredential(), startMs).credential;
const change = (before: Credential, overrides: Partial<Credential>) =>
  recordChange(before, { ...before, ...overrides }, startMs);
const typesOf = ({ events }: ReturnType<typeof recordChange>) => events.map(({ type }) => type);

const dead: Partial<Credential> = {
  status: 'expired',
  episode: { id: 'episode-1', openedAtMs: startMs },
  unusableSinceMs: startMs,
  reason: { code: 'access_withdrawn', resolver: 'user', evidence: undefined },
};

test('a new credential tells its first state', () => {
  const { credential, events } = recordChange(undefined, sampleCredential(), startMs);
  expect(events.map(({ type, sequence }) => [type, Number(sequence)])).toEqual([
    ['credential.state', 1],
  ]);
  expect(credential.sequences).toEqual({ 'credential.state': 1 });
});

test('what nobody can see is not told: a lease, an intent, a refreshed token', () => {
  const lease = { owner: 'b', purpose: 'refresh', fence: 1, expiresAtMs: startMs } as const;
  expect(change(born(), { lease, fence: 1, attempts: 1 }).events).toEqual([]);
  expect(
    change(born(), { tokens: sampleTokens('second', startMs), lastRefreshedAtMs: startMs }).events,
  ).toEqual([]);
});

test('tokens in the place of reported ones are told, or the other replicas of the broker would serve the reported one on', () => {
  const fresh = { tokens: sampleTokens('second', startMs), refreshedAfterReportAtMs: startMs };
  const replaced = change(born(), fresh);
  expect(typesOf(replaced)).toEqual(['credential.state']);
  const again = { tokens: sampleTokens('third', startMs), lastRefreshedAtMs: startMs };
  expect(change(replaced.credential, again).events).toEqual([]);
});

test('a death is told as a state and, once, as an expiry', () => {
  const died = change(born(), dead);
  expect(typesOf(died)).toEqual(['credential.state', 'credential.expired']);
  const evidence = {
    error: 'invalid_grant',
    description: '',
    httpStatus: 400,
    verdictClass: 'dead',
    seenAtMs: 1,
  } as const;
  const again = change(died.credential, {
    reason: { code: 'access_withdrawn', resolver: 'user', evidence },
  });
  expect(again.events).toEqual([]);
});

test('the version that the world sees is the sequence of the state', () => {
  const { events } = change(born(), dead);
  const [state, expired] = events.map(({ data }) => data);
  expect(CredentialState.fromJSON(state).version).toBe(2n);
  expect(expired).toMatchObject({ version: '2', episodeId: 'episode-1' });
});

test('the end of an episode tells who ended it, and since when it was unusable', () => {
  const died = change(born(), dead).credential;
  const healthy = {
    status: 'healthy',
    episode: undefined,
    reason: undefined,
    unusableSinceMs: undefined,
  } as const;
  const recovered = change(died, healthy);
  expect(recovered.events[1]?.data).toMatchObject({
    cause: 'CAUSE_RECOVERED',
    episodeId: 'episode-1',
  });
  const renewed = change(died, {
    ...healthy,
    lastTransactionId: 'transaction-2',
    lastRenewedAtMs: startMs,
  });
  expect(renewed.events[1]?.data).toMatchObject({
    cause: 'CAUSE_RENEWED',
    unusableSince: new Date(startMs).toISOString(),
  });
  const gone = change(died, { ...healthy, status: 'revoking' });
  expect(gone.events[1]?.data).toMatchObject({ cause: 'CAUSE_DISCONNECTED' });
});

test('a renewal with fewer permissions keeps the episode and says nothing of an end', () => {
  const died = change(born(), dead).credential;
  const partial = change(died, {
    status: 'insufficient_scope',
    missingScopes: ['files.read'],
    lastTransactionId: 'transaction-2',
    reason: { code: 'missing_scopes', resolver: 'user', evidence: undefined },
  });
  expect(typesOf(partial)).toEqual(['credential.state']);
});

test('warnings are told at seven days and at one; one that was missed is not told beside the nearer', () => {
  const tokens = sampleTokens('first', startMs, {
    refreshLifeAbsolute: true,
    refreshExpiresAtMs: startMs + 30 * dayMs,
  });
  const absolute = recordChange(undefined, sampleCredential({ tokens }), startMs).credential;
  const warn = (before: Credential, nowMs: number) =>
    recordChange(before, passTime(before, contextAt(nowMs)), nowMs);
  const week = warn(absolute, startMs + 23 * dayMs);
  expect(typesOf(week)).toEqual(['credential.state', 'credential.expiring']);
  expect(week.events[1]?.data).toMatchObject({ daysLeft: 7 });
  expect(warn(week.credential, startMs + 29 * dayMs).events[0]?.data).toMatchObject({
    daysLeft: 1,
  });
  expect(warn(absolute, startMs + 29 * dayMs).events[1]?.data).toMatchObject({ daysLeft: 1 });
});

test('a tombstone follows the last state without a gap', () => {
  const { sequence, data } = tombstone(born(), startMs);
  expect([Number(sequence), data]).toEqual([2, null]);
});

test('no event holds a token, a hash of one, or an identity key', () => {
  const text = JSON.stringify([
    change(born(), dead).events,
    recordChange(undefined, sampleCredential(), startMs).events,
  ]);
  const credential = sampleCredential();
  for (const secret of [
    credential.tokens.accessTokenHash,
    credential.tokens.refreshTokenHash,
    credential.identity.key,
  ]) {
    expect(text).not.toContain(secret);
  }
});
