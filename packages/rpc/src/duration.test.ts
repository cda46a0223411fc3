import { expect, test } from 'vitest';
import { durationFromMs, msFromDuration } from './duration.ts';

test('a duration comes back as the milliseconds it was made of', () => {
  for (const ms of [0, 1, 0.5, 999.999999, 1_000, 90_061_001, -1, -1_500, 365 * 86_400_000]) {
    expect(msFromDuration(durationFromMs(ms))).toBeCloseTo(ms, 6);
  }
});

test('seconds and nanoseconds have the same sign and nanoseconds stay under a second', () => {
  expect(durationFromMs(-1_500)).toEqual({ seconds: -1n, nanos: -500_000_000 });
  expect(durationFromMs(999.9999999)).toEqual({ seconds: 1n, nanos: 0 });
  expect(durationFromMs(-1_999.9999999)).toEqual({ seconds: -2n, nanos: 0 });
});

test('no duration stays no duration', () => {
  expect(msFromDuration(undefined)).toBeUndefined();
});

test('an endless duration is refused instead of sent as something else', () => {
  for (const ms of [Number.POSITIVE_INFINITY, Number.NaN]) {
    expect(() => durationFromMs(ms)).toThrow(RangeError);
  }
});
