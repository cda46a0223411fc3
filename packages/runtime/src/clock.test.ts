import { expect, test } from 'vitest';
import { createShiftableClock } from './clock.ts';

test('a shifted clock keeps running ahead of its base', () => {
  let baseMs = 1000;
  const clock = createShiftableClock({ nowMs: () => baseMs });
  clock.advance(500);
  clock.advance(1);
  baseMs = 2000;
  expect(clock.nowMs()).toBe(2501);
});

test('a clock that is told where to be goes there, and never back', () => {
  const clock = createShiftableClock({ nowMs: () => 1000 }, 10);
  clock.shiftTo(500);
  clock.shiftTo(200);
  expect(clock.offsetMs()).toBe(500);
  expect(clock.nowMs()).toBe(1500);
});
