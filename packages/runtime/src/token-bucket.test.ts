import { expect, test } from 'vitest';
import { createTokenBucket } from './token-bucket.ts';

function standingClock(nowMs: number) {
  return {
    nowMs: () => nowMs,
    advance(byMs: number) {
      nowMs += byMs;
    },
  };
}

test('a second’s worth goes at once, and then one after the other at the rate', () => {
  const clock = standingClock(0);
  const bucket = createTokenBucket({ perSecond: 4, clock });
  expect([1, 2, 3, 4].map(() => bucket.take())).toEqual([0, 0, 0, 0]);
  expect(bucket.take()).toBe(250);
  clock.advance(249);
  expect(bucket.take()).toBe(1);
  clock.advance(1);
  expect(bucket.take()).toBe(0);
  expect(bucket.take()).toBe(250);
});

test('an idle hour saves no more than a second’s worth', () => {
  const clock = standingClock(0);
  const bucket = createTokenBucket({ perSecond: 2, clock });
  clock.advance(3_600_000);
  expect([1, 2, 3].map(() => bucket.take())).toEqual([0, 0, 500]);
});

test('a clock that is set back neither fills nor blocks it', () => {
  const clock = standingClock(3_600_000);
  const bucket = createTokenBucket({ perSecond: 1, clock });
  expect(bucket.take()).toBe(0);
  clock.advance(-3_600_000);
  expect(bucket.take()).toBe(1_000);
  clock.advance(1_000);
  expect(bucket.take()).toBe(0);
});
