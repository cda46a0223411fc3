import { expect, test } from 'vitest';
import { RequestRateExceededError } from '../errors.ts';
import { createRateBound } from './rate-bound.ts';

function boundAt(nowMs: number) {
  const clock = { nowMs: () => nowMs };
  const bound = createRateBound({ clock, perSecond: 2, burst: 3 });
  const takeUntilRefused = () => {
    for (let taken = 0; ; taken += 1)
      try {
        bound.take();
      } catch (error) {
        return { taken, error };
      }
  };
  return {
    takeUntilRefused,
    move(byMs: number) {
      nowMs += byMs;
    },
  };
}

test('a burst is let through, and what follows at the rate', () => {
  const { takeUntilRefused, move } = boundAt(1_000);
  const first = takeUntilRefused();
  expect(first.taken).toBe(3);
  expect(first.error).toBeInstanceOf(RequestRateExceededError);
  expect(first.error).toMatchObject({ retryAfterMs: 500 });
  move(250);
  expect(takeUntilRefused()).toMatchObject({ taken: 0, error: { retryAfterMs: 250 } });
  move(250);
  expect(takeUntilRefused().taken).toBe(1);
  move(60_000);
  expect(takeUntilRefused().taken).toBe(3);
});

test('a clock that is set back gives nothing and locks nobody out', () => {
  const { takeUntilRefused, move } = boundAt(1_000_000);
  takeUntilRefused();
  move(-500_000);
  expect(takeUntilRefused().taken).toBe(0);
  move(500);
  expect(takeUntilRefused().taken).toBe(1);
});
