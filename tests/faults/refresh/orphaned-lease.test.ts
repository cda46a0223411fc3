import { expect, test, vi } from 'vitest';
import { expectAllRefreshed, waiting } from './refresh-expectations.ts';
import { startRefreshWorld } from './refresh-world.ts';

test('a lease that is granted after its caller gave up the call delays nobody: the same attempt gets it again', {
  timeout: 120_000,
}, async () => {
  const startMs = Date.now();
  // The clock stands still, so that no lease ever runs out by itself.
  await using world = await startRefreshWorld({
    ...{ credentials: 3, graceSeconds: 0, baseClock: { nowMs: () => startMs } },
  });
  const { between } = await world.startBroker();
  between.hold = { method: 'acquireLease', when: 'after', until: new Promise(() => undefined) };
  world.clock.advance(3_600_000);
  // The vault has granted each, and no answer gets through; what is asked after that does.
  await vi.waitFor(() => expect(between.held()).toBe(world.credentials.length), waiting);
  expect(between.answered('acquireLease')).toBe(world.credentials.length);
  between.hold = undefined;
  await expectAllRefreshed(world);
  expect(world.provider.tokenRequests()).toBe(world.credentials.length);
  expect(world.provider.killed()).toEqual([]);
});

test('a lease whose caller never hears of it is given back, and the next attempt need not wait for its end', {
  timeout: 120_000,
}, async () => {
  const startMs = Date.now();
  await using world = await startRefreshWorld({
    ...{ credentials: 1, graceSeconds: 0, baseClock: { nowMs: () => startMs } },
  });
  const { between } = await world.startBroker();
  const forgotten = new Promise<void>(() => undefined);
  between.hold = { method: 'acquireLease', when: 'after', until: forgotten };
  world.clock.advance(3_600_000);
  // Until the attempt has given up, and gives back what it may have been granted.
  await vi.waitFor(() => expect(between.answered('releaseLease')).toBeGreaterThan(0), waiting);
  between.hold = undefined;
  await expectAllRefreshed(world);
  expect(world.provider.tokenRequests()).toBe(1);
});
