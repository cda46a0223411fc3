import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const waits = (random: number) =>
  [1, 2, 3, 4, 5, 6, 5000].map((attempt) =>
    backoffMs(attempt, { baseMs: 100, maxMs: 1000, random: () => random }),
  );

test('the wait doubles up to its limit, and at least half of it is certain', () => {
  expect(waits(0)).toEqual([50, 100, 200, 400, 500, 500, 500]);
  expect(waits(1)).toEqual([100, 200, 400, 800, 1000, 1000, 1000]);
});
