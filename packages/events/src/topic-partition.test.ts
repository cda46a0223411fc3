import { expect, test } from 'vitest';
import { partitionCount, partitionOf } from './topic-partition.ts';

test('a key always has the same partition, also in the next release', () => {
  expect(['', 'a', 'b', '0198c3f2-7c1e-7d3a-9f58-6a1f0b2c4d5e'].map(partitionOf)).toEqual([
    5, 4, 5, 1,
  ]);
});

test('keys spread over all partitions', () => {
  const counts = new Array<number>(partitionCount).fill(0);
  for (let key = 0; key < 8000; key++) {
    const partition = partitionOf(`credential-${key}`);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(700);
});
