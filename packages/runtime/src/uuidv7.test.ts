import { expect, test } from 'vitest';
import { uuidv7, uuidv7Floor } from './uuidv7.ts';

test('the time, the version and the variant stand where RFC 9562 puts them', () => {
  // The time of the example in RFC 9562, appendix A.6.
  expect(uuidv7(0x017f22e279b0)).toMatch(
    /^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

test('later ids sort after earlier ones, and ids of one moment differ', () => {
  const ids = [1, 2, 1000, 1_000_000, 2 ** 41].map(uuidv7);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(Array.from({ length: 1000 }, () => uuidv7(1))).size).toBe(1000);
});

test('the floor of a moment lies between what is older and what is not', () => {
  for (const atMs of [1, 1_000, Date.UTC(2026, 4, 3), 2 ** 41]) {
    const ids = [uuidv7(atMs), uuidv7Floor(atMs), uuidv7(atMs - 1)];
    expect([...ids].sort()).toEqual(ids.reverse());
  }
});
