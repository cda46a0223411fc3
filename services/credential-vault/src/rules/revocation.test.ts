import { expect, test } from 'vitest';
import { contextAt, minuteMs, sampleCredential, startMs } from '../testing/sample.ts';
import { claimRevocation, postponeRevocation, startRevocation } from './revocation.ts';

const actor = { kind: 'user', id: 'ada' } as const;
const context = contextAt(startMs);

test('a disconnect ends the episode and all attempts, and frees the grant for a new credential', () => {
  const dead = sampleCredential({
    status: 'expired',
    episode: { id: 'episode-1', openedAtMs: startMs },
  });
  expect(startRevocation(dead, { actor, seenVersion: 0 }, context)).toMatchObject({
    status: 'revoking',
    episode: undefined,
    nextAttemptAtMs: undefined,
    joinKey: 'revoking:credential-1',
    lastActor: actor,
  });
});

test('a credential that changed since its last use was seen to go is not revoked', () => {
  const joined = sampleCredential({ sequences: { 'credential.state': 3 } });
  expect(() => startRevocation(joined, { actor, seenVersion: 2 }, context)).toThrow(
    expect.objectContaining({ code: 'CREDENTIAL_IN_USE', kind: 'aborted' }),
  );
  expect(startRevocation(joined, { actor, seenVersion: 3 }, context).status).toBe('revoking');
});

test('a credential that was joined a moment ago is not revoked, whatever version the caller has seen', () => {
  const joined = sampleCredential({ sequences: { 'credential.state': 3 }, joinedAtMs: startMs });
  const disconnect = { actor, seenVersion: 3 };
  expect(() => startRevocation(joined, disconnect, contextAt(startMs + minuteMs - 1))).toThrow(
    expect.objectContaining({ code: 'CREDENTIAL_IN_USE', kind: 'aborted' }),
  );
  expect(startRevocation(joined, disconnect, contextAt(startMs + minuteMs)).status).toBe(
    'revoking',
  );
});

test('a provider that does not confirm is asked ever less often, or when it says', () => {
  const revoking = startRevocation(sampleCredential(), { actor, seenVersion: 0 }, context);
  const once = postponeRevocation(revoking, undefined, context);
  const twice = postponeRevocation(once, undefined, context);
  const waits = [once, twice].map(({ revocation }) => (revocation?.nextAtMs ?? 0) - startMs);
  expect(waits).toEqual([2_500, 5_000]);
  expect(postponeRevocation(twice, minuteMs, context).revocation?.nextAtMs).toBe(
    startMs + minuteMs,
  );
});

test('a revocation is claimed by one, and due again should that one never come back', () => {
  const revoking = startRevocation(sampleCredential(), { actor, seenVersion: 0 }, context);
  const claimed = claimRevocation(revoking, startMs);
  if (!claimed) throw new Error('a revocation that is due can be claimed');
  expect(claimRevocation(claimed, startMs)).toBeUndefined();
  expect(claimRevocation(claimed, startMs + minuteMs)).toBeDefined();
  expect(claimRevocation(sampleCredential(), startMs)).toBeUndefined();
});
