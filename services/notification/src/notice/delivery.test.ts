import { expect, test } from 'vitest';
import { admitToWindow, type DeliveryWindow } from './delivery.ts';

const windowMs = 900_000;

function admitAll(arrivals: [episodeId: string, atMs: number][]) {
  let window: DeliveryWindow | undefined;
  return arrivals.map(([episodeId, nowMs]) => {
    const admitted = admitToWindow(window, { episodeId, nowMs, windowMs });
    window = admitted.window;
    return { dueAtMs: admitted.dueAtMs, inDigest: admitted.inDigest };
  });
}

test('the first two go at once, the third and later ones wait for the end of the window that the first began', () => {
  expect(
    admitAll([
      ['a', 1_000],
      ['b', 5_000],
      ['c', 6_000],
      ['d', 900_999],
    ]),
  ).toEqual([
    { dueAtMs: 1_000, inDigest: false },
    { dueAtMs: 5_000, inDigest: false },
    { dueAtMs: 901_000, inDigest: true },
    { dueAtMs: 901_000, inDigest: true },
  ]);
});

test('the next one after the window begins a new window and goes at once', () => {
  expect(
    admitAll([
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['d', 900_000],
      ['e', 900_001],
      ['f', 900_002],
    ]).slice(3),
  ).toEqual([
    { dueAtMs: 900_000, inDigest: false },
    { dueAtMs: 900_001, inDigest: false },
    { dueAtMs: 1_800_000, inDigest: true },
  ]);
});

test('asking again for an episode that went at once takes no second place', () => {
  expect(
    admitAll([
      ['a', 0],
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ]).map((one) => one.inDigest),
  ).toEqual([false, false, false, false]);
});

test('a window that begins in the future, since the clock was set back, holds nobody back', () => {
  expect(
    admitAll([
      ['a', 90_000_000],
      ['b', 90_000_000],
      ['c', 0],
    ])[2],
  ).toEqual({ dueAtMs: 0, inDigest: false });
});
