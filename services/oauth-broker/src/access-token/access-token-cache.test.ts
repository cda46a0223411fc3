import { createShiftableClock } from '@credential-renewal/runtime';
import { expect, test } from 'vitest';
import { type CachedToken, createAccessTokenCache } from './access-token-cache.ts';

const clockAt = (ms: number) => createShiftableClock({ nowMs: () => ms });
const token = (changes: Partial<CachedToken> = {}): CachedToken => ({
  credentialId: 'credential',
  accountId: 'acme',
  accessToken: 'at',
  tokenHash: 'hash',
  expiresAtMs: 600_000,
  kept: {},
  version: 3n,
  ...changes,
});

test('a token is fresh while it lives as long as asked for, and usable to its safe end', () => {
  const clock = clockAt(0);
  const cache = createAccessTokenCache(clock);
  cache.put(token({ expiresAtMs: 120_000 }));
  expect(cache.fresh('credential', 120_000)?.accessToken).toBe('at');
  expect(cache.fresh('credential', 120_001)).toBeUndefined();
  clock.advance(109_999);
  expect(cache.usable('credential')).toBeDefined();
  clock.advance(1);
  expect(cache.usable('credential')).toBeUndefined();
});

test('a token without end is read again after a while, and still usable', () => {
  const clock = clockAt(0);
  const cache = createAccessTokenCache(clock);
  cache.put(token({ expiresAtMs: undefined }));
  clock.advance(300_001);
  expect(cache.fresh('credential', 60_000)).toBeUndefined();
  expect(cache.usable('credential')).toBeDefined();
});

test('a newer version drops it, the same or an older one does not', () => {
  const cache = createAccessTokenCache(clockAt(0));
  cache.put(token());
  cache.drop('credential', 2n);
  cache.drop('credential', 3n);
  expect(cache.usable('credential')).toBeDefined();
  cache.drop('credential', 4n);
  expect(cache.usable('credential')).toBeUndefined();
});

test('a token that was read before a change and arrives after it is not kept', () => {
  const cache = createAccessTokenCache(clockAt(0));
  cache.drop('credential', 4n);
  cache.put(token({ version: 3n }));
  expect(cache.usable('credential')).toBeUndefined();
  cache.put(token({ version: 4n }));
  expect(cache.usable('credential')).toBeDefined();
});

test('a report drops the very token it names', () => {
  const cache = createAccessTokenCache(clockAt(0));
  cache.put(token());
  cache.dropToken('credential', 'of an older token');
  expect(cache.usable('credential')).toBeDefined();
  cache.dropToken('credential', 'hash');
  expect(cache.usable('credential')).toBeUndefined();
});
