import { expect, test } from 'vitest';
import {
  contextAt,
  hourMs,
  sampleCandidate,
  sampleCredential,
  sampleTokens,
  startMs,
} from '../testing/sample.ts';
import { installCandidate } from './renewal.ts';

const nowMs = startMs + hourMs;
const renewal = (overrides = {}) =>
  sampleCandidate({
    transactionId: 'transaction-2',
    tokens: sampleTokens('second', nowMs),
    ...overrides,
  });

const dead = sampleCredential({
  status: 'expired',
  episode: { id: 'episode-1', openedAtMs: startMs },
  reason: { code: 'access_withdrawn', resolver: 'user', evidence: undefined },
  unusableSinceMs: startMs,
});

const stranger = { kind: 'user', key: 'provider-user-2', maskedLabel: 'm•••@orchard.example' };

test('a renewal of the same identity heals: healthy, episode closed, fence raised', () => {
  const answer = installCandidate(dead, renewal(), contextAt(nowMs));
  expect(answer).toMatchObject({
    kind: 'installed',
    credential: {
      status: 'healthy',
      episode: undefined,
      lastRenewedAtMs: nowMs,
      fence: dead.fence + 1,
      lease: undefined,
    },
  });
});

test('another identity leaves everything as it was', () => {
  expect(installCandidate(dead, renewal({ identity: stranger }), contextAt(nowMs))).toEqual({
    kind: 'wrong_identity',
  });
});

test('another identity is taken when the person chose to switch, and never joins its other grants', () => {
  const answer = installCandidate(
    dead,
    renewal({ identity: stranger, switchIdentity: true }),
    contextAt(nowMs),
  );
  expect(answer).toMatchObject({
    kind: 'installed',
    credential: { identity: stranger, joinKey: 'switched:credential-1' },
  });
});

test('a renewed credential is found by what it was granted for, and stays apart where another one is', () => {
  const keyAfter = (credential: typeof dead, joinKey: string | undefined, overrides = {}) => {
    const answer = installCandidate(
      credential,
      renewal({ joinKey, ...overrides }),
      contextAt(nowMs),
    );
    return 'credential' in answer ? answer.credential?.joinKey : answer.kind;
  };
  expect(keyAfter(dead, 'wider')).toBe('wider');
  expect(keyAfter(dead, undefined)).toBe('apart:credential-1');
  expect(keyAfter({ ...dead, joinKey: 'apart:credential-1' }, 'wider')).toBe('wider');
  // Whoever switched has left the other grants of that identity alone, and goes on doing so.
  expect(keyAfter({ ...dead, joinKey: 'switched:credential-1' }, 'wider')).toBe(
    'switched:credential-1',
  );
  // Also one that was installed although something is missing: who needs as much can complete it.
  expect(keyAfter(dead, 'wider', { missingScopes: ['files.comment'] })).toBe('wider');
});

test('fewer scopes replace a dead grant, and the episode stays open', () => {
  const answer = installCandidate(
    dead,
    renewal({ missingScopes: ['files.read'] }),
    contextAt(nowMs),
  );
  expect(answer).toMatchObject({
    kind: 'insufficient_scope',
    credential: {
      status: 'insufficient_scope',
      episode: { id: 'episode-1' },
      missingScopes: ['files.read'],
    },
  });
});

test('fewer scopes leave a living grant alone', () => {
  const answer = installCandidate(
    sampleCredential(),
    renewal({ missingScopes: ['files.read'] }),
    contextAt(nowMs),
  );
  expect(answer).toEqual({ kind: 'insufficient_scope', credential: undefined });
});

test('the same transaction installs once', () => {
  const first = installCandidate(dead, renewal(), contextAt(nowMs));
  if (first.kind !== 'installed') throw new Error(first.kind);
  expect(installCandidate(first.credential, renewal(), contextAt(nowMs))).toEqual({
    kind: 'already_installed',
  });
});

test('a credential on its way out is not renewed', () => {
  const leaving = sampleCredential({ status: 'revoking' });
  expect(() => installCandidate(leaving, renewal(), contextAt(nowMs))).toThrow(
    expect.objectContaining({ code: 'CREDENTIAL_REVOKING' }),
  );
});

test('another host of the provider is refused, a switch of accounts included', () => {
  const credential = sampleCredential({ parameters: { desk: 'support' } });
  const offer = (parameters: Record<string, string> | undefined, switchIdentity: boolean) =>
    installCandidate(
      credential,
      sampleCandidate({ transactionId: 'renewal', parameters, switchIdentity }),
      contextAt(startMs),
    );
  for (const switches of [false, true]) {
    const others: (Record<string, string> | undefined)[] = [
      ...[undefined, {}, { desk: 'sales' }],
      { desk: 'support', area: 'eu' },
    ];
    for (const other of others) expect(offer(other, switches)).toEqual({ kind: 'wrong_identity' });
    const renewed = offer({ desk: 'support' }, switches);
    expect(renewed).toMatchObject({ credential: { parameters: { desk: 'support' } } });
  }
});
