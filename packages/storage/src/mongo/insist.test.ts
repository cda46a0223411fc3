import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DatabaseUnavailableError } from '../errors.ts';
import { insist } from './insist.ts';

const place = 'mongodb://127.0.0.1:27017/vault';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const steppedDown = () => Object.assign(new Error('primary stepped down'), { code: 189 });

/** The moments of the attempts that fail for a reason that passes, and how it ended. */
async function insistOn(options: { random?: () => number; budgetMs?: number; attemptMs?: number }) {
  const { attemptMs = 0, ...others } = options;
  const startMs = performance.now();
  const momentsMs: number[] = [];
  const again: boolean[] = [];
  const outcome = insist(
    async (isAgain) => {
      momentsMs.push(performance.now() - startMs);
      again.push(isAgain);
      await new Promise((resolve) => setTimeout(resolve, attemptMs));
      throw steppedDown();
    },
    { place, ...others },
  ).catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return { momentsMs, again, error: await outcome };
}

test.each([
  ['the shortest waits', 0, [0, 25, 75, 175, 375, 775]],
  ['the longest waits', 0.999_999, [0, 50, 150, 350, 750]],
])(
  'attempts are repeated with %s of chance, each twice as long as the one before, within the budget',
  async (_which, chance, momentsMs) => {
    const insisted = await insistOn({ random: () => chance, budgetMs: 1_000 });
    expect(insisted.momentsMs).toEqual(momentsMs);
    expect(insisted.again).toEqual(momentsMs.map((_, index) => index > 0));
    expect(insisted.error).toBeInstanceOf(DatabaseUnavailableError);
    expect(insisted.error).toMatchObject({
      message: `${place} cannot be used: primary stepped down`,
    });
  },
);

test('no wait is longer than a second', async () => {
  const { momentsMs } = await insistOn({ random: () => 0.999_999, budgetMs: 4_000 });
  const waitsMs = momentsMs.slice(1).map((momentMs, index) => momentMs - (momentsMs[index] ?? 0));
  expect(waitsMs).toEqual([50, 100, 200, 400, 800, 1_000, 1_000]);
});

/** `serverSelectionTimeoutMS` of mongo-options.ts: the longest that an attempt waits for a server. */
const longestSelectionMs = 3_000;

test.each([
  ['no server is there', longestSelectionMs],
  ['connections break at once', 1],
  ['connections break late', 700],
])('where %s, a caller hears it before its deadline of five seconds', async (_what, attemptMs) => {
  const { momentsMs, error } = await insistOn({ random: () => 0.999_999, attemptMs });
  expect(error).toBeInstanceOf(DatabaseUnavailableError);
  // The last attempt may be one that waits for a server as long as it can.
  expect((momentsMs.at(-1) ?? 0) + longestSelectionMs).toBeLessThan(5_000);
});

test('what an attempt takes counts, so a slow one is not followed by many', async () => {
  const { momentsMs } = await insistOn({ random: () => 0, attemptMs: 3_000, budgetMs: 4_000 });
  expect(momentsMs).toEqual([0, 3_025]);
});

test('without a chance that is given, two callers do not wait alike', async () => {
  const [one, other] = [await insistOn({}), await insistOn({})];
  expect(one.momentsMs).not.toEqual(other.momentsMs);
});

test('an attempt that succeeds ends it', async () => {
  let attempts = 0;
  const answer = insist(
    async (again) => {
      attempts++;
      if (!again) throw steppedDown();
      return 'done';
    },
    { place },
  );
  await vi.runAllTimersAsync();
  expect(await answer).toBe('done');
  expect(attempts).toBe(2);
});

test('what will not pass is not repeated', async () => {
  const mistake = new TypeError('no such thing');
  let attempts = 0;
  const answer = insist(
    async () => {
      attempts++;
      throw mistake;
    },
    { place },
  );
  await expect(answer).rejects.toBe(mistake);
  expect(attempts).toBe(1);
});
