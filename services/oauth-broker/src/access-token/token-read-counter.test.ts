import { setImmediate } from 'node:timers/promises';
import { createLogger, createShiftableClock } from '@credential-renewal/runtime';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createSqliteAuthorizationStore } from '../store/sqlite-authorization-store.ts';
import type { TokenReadStore, TokenReads } from '../store/token-read-store.ts';
import { createTokenReadCounter, dayOf, firstKeptDay } from './token-read-counter.ts';

const dayMs = 24 * 60 * 60_000;
const logger = createLogger({ service: 'test', level: 'silent' });
const read = { accountId: 'acme', credentialId: 'c1', worker: 'sync' };

/** A counter on a real store whose writes can be made to fail, and are counted. */
async function startCounter(options: { intervalMs?: number; mostWaiting?: number } = {}) {
  const opened = createSqliteAuthorizationStore(':memory:');
  const clock = createShiftableClock();
  const world = { away: false, adds: 0, uncounted: 0 };
  const store: TokenReadStore = {
    ...opened.tokenReads,
    async add(reads) {
      world.adds += 1;
      if (world.away) throw new Error('the store is away');
      await opened.tokenReads.add(reads);
    },
  };
  const counter = createTokenReadCounter({
    ...{ store, clock, logger, intervalMs: 3_600_000, ...options },
    onUncounted: () => {
      world.uncounted += 1;
    },
  });
  // Its first round, with nothing to write, is over.
  await setImmediate();
  onTestFinished(async () => {
    await counter.stop();
    await opened.close();
  });
  const kept = (changes: Partial<Parameters<typeof store.list>[0]> = {}): Promise<TokenReads[]> =>
    store.list({ accountId: 'acme', fromDay: '2000-01-01', limit: 1_000, ...changes });
  return Object.assign(world, { counter, clock, kept });
}

test('a thousand reads of one token are one write, and each is counted', async () => {
  const world = await startCounter();
  const { counter, kept, clock } = world;
  for (let at = 0; at < 1_000; at += 1) counter.record(read);
  expect(await kept()).toEqual([]);
  await counter.flush();
  expect(await kept()).toMatchObject([{ ...read, day: dayOf(clock.nowMs()), count: 1_000 }]);
  expect(counter.waiting()).toBe(0);
  expect(world.adds).toBe(1);
});

test('counts of the interval are stored without anybody asking', async () => {
  const { counter, kept } = await startCounter({ intervalMs: 10 });
  counter.record(read);
  await vi.waitFor(async () => expect(await kept()).toMatchObject([{ count: 1 }]));
});

test('while the store is away nothing is lost and nothing is counted twice', async () => {
  const world = await startCounter();
  const { counter, kept } = world;
  world.away = true;
  for (let credential = 0; credential < 120; credential += 1)
    counter.record({ ...read, credentialId: `c${credential}` });
  await expect(counter.flush()).rejects.toThrow('the store is away');
  // One round of writes has shown it; the rest was not tried.
  expect(world.adds).toBe(50);
  counter.record({ ...read, credentialId: 'c0' });
  world.away = false;
  await counter.flush();
  const counts = (await kept()).map(({ count }) => count);
  expect(counts).toHaveLength(120);
  expect(counts.reduce((sum, count) => sum + count)).toBe(121);
});

test('reads beyond what memory keeps for an absent store are told as uncounted', async () => {
  const world = await startCounter({ mostWaiting: 2 });
  for (const credentialId of ['c1', 'c2', 'c3', 'c1', 'c3'])
    world.counter.record({ ...read, credentialId });
  expect(world.uncounted).toBe(2);
  expect(world.counter.waiting()).toBe(2);
});

test('whoever flushes finds what was recorded before, also while another flush runs', async () => {
  const { counter, kept } = await startCounter();
  counter.record(read);
  const running = counter.flush();
  counter.record(read);
  await counter.flush();
  expect(await kept()).toMatchObject([{ count: 2 }]);
  await running;
});

test('a stop stores what is waiting', async () => {
  const { counter, kept } = await startCounter();
  counter.record(read);
  await counter.stop();
  expect(await kept()).toMatchObject([{ count: 1 }]);
});

test('days are counted apart, and only thirty are kept', async () => {
  const world = await startCounter({ intervalMs: 10 });
  const { counter, clock, kept } = world;
  counter.record(read);
  const first = dayOf(clock.nowMs());
  await counter.flush();
  clock.advance(29 * dayMs);
  counter.record(read);
  expect(firstKeptDay(clock.nowMs())).toBe(first);
  await vi.waitFor(async () => expect(await kept()).toHaveLength(2));
  clock.advance(dayMs);
  await vi.waitFor(async () =>
    expect((await kept()).map(({ day }) => day)).toEqual([dayOf(clock.nowMs() - dayMs)]),
  );
});
