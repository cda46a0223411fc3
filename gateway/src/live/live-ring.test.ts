import { expect, test } from 'vitest';
import { createLiveRing } from './live-ring.ts';

function ringOf(count: number, capacity = 3) {
  const ring = createLiveRing<number>({ capacity, epoch: 'abc' });
  for (let entry = 0; entry < count; entry += 1) ring.push(entry);
  return ring;
}

test('an id leads back to what came after it', () => {
  const ring = ringOf(5);
  const position = ring.positionOf('abc-3');
  expect(position).toBe(3);
  expect(ring.at(3)).toEqual({ entry: 3 });
  expect(ring.at(4)).toEqual({ entry: 4 });
  expect(ring.at(5)).toBeUndefined();
});

test('the oldest are dropped, and an id whose successors are gone is unknown', () => {
  const ring = ringOf(5);
  expect(ring.at(1)).toBe('dropped');
  expect(ring.positionOf('abc-1')).toBeUndefined();
  expect(ring.positionOf('abc-2')).toBe(2);
});

test.each(['xyz-3', 'abc-6', 'abc', 'abc-', 'abc--1', 'abc-1e1', '', 'abc-99999999999999999999'])(
  'the id %j is not one of ours',
  (id) => {
    expect(ringOf(5).positionOf(id)).toBeUndefined();
  },
);

test('the id of the end is known before anything has come', () => {
  const ring = ringOf(0);
  expect(ring.positionOf(ring.idOf(ring.end()))).toBe(0);
});
