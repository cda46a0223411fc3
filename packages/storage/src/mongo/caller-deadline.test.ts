import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { insist } from './insist.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const callerDeadlineMs = 5_000;
/** `serverSelectionTimeoutMS` of mongo-options.ts. */
const longestSelectionMs = 3_000;

async function fail(name: string, afterMs: number): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  throw Object.assign(new Error('gone'), { name });
}

/** How long it insists, with an attempt that fails after each of these times, the last one again and again. */
async function insisting(name: string, ...attemptsMs: number[]) {
  const startMs = performance.now();
  let attempts = 0;
  const outcome = insist(() => fail(name, attemptsMs[attempts++] ?? attemptsMs.at(-1) ?? 0), {
    ...{ place: 'mongodb://host/database', random: () => 1 },
  }).catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return { error: await outcome, tookMs: performance.now() - startMs };
}

test.each([
  ['no server is there', 'MongoServerSelectionError', [longestSelectionMs]],
  ['connections break at once', 'MongoNetworkError', [1]],
  ['connections break and then no server is there', 'MongoNetworkError', [1_500, 3_000]],
  ['connections break until late and then no server is there', 'MongoNetworkError', [350, 3_000]],
])('where %s, the caller hears it before its deadline', async (_, name, attemptsMs) => {
  const { error, tookMs } = await insisting(name, ...attemptsMs);
  expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  expect(tookMs).toBeLessThan(callerDeadlineMs);
});
