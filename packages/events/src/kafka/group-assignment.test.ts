import { expect, test } from 'vitest';
import {
  decodeShare,
  encodeShares,
  encodeWord,
  type MemberWord,
  sharePartitions,
} from './group-assignment.ts';

const topic = 'credential.state';
const member = (memberId: string, word: Partial<MemberWord> = {}) => ({
  memberId,
  topics: [topic],
  held: [],
  generation: 7,
  isLeaving: false,
  ...word,
});
const at = (...partitions: number[]) => partitions.map((partition) => ({ topic, partition }));

function partitionsOf(members: Parameters<typeof sharePartitions>[0]): Record<string, number[]> {
  return Object.fromEntries(
    [...sharePartitions(members)].map(([memberId, { places }]) => [
      memberId,
      places.map(({ partition }) => partition),
    ]),
  );
}

test('every partition has one member, whoever counts', () => {
  const shares = { a: [0, 3, 6], b: [1, 4, 7], c: [2, 5] };
  expect(partitionsOf([member('a'), member('b'), member('c')])).toEqual(shares);
  expect(partitionsOf([member('c'), member('a'), member('b')])).toEqual(shares);
});

test('more members than partitions leave some without work', () => {
  const members = Array.from({ length: 10 }, (_, index) => member(`member-${index}`));
  const shares = Object.values(partitionsOf(members));
  expect(shares.flat().sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('a partition whose handler runs stays, and is given back to whom it belongs', () => {
  const shares = sharePartitions([member('a', { held: at(0, 1) }), member('b')]);
  expect(shares.get('a')).toEqual({ places: at(0, 1, 2, 4, 6), handBack: at(1) });
  expect(shares.get('b')).toEqual({ places: at(3, 5, 7), handBack: [] });
});

test('who leaves keeps only what it holds', () => {
  const shares = sharePartitions([member('a', { held: at(3), isLeaving: true }), member('b')]);
  expect(shares.get('a')).toEqual({ places: at(3), handBack: at(3) });
  expect(shares.get('b')?.places).toEqual(at(0, 1, 2, 4, 5, 6, 7));
});

test('when all leave, nobody gets what is free', () => {
  expect(partitionsOf([member('a', { held: at(3), isLeaving: true })])).toEqual({ a: [3] });
});

test('of two that hold a partition, the one who got it later has it', () => {
  const stale = member('a', { held: at(2), generation: 3 });
  const current = member('b', { held: at(2), generation: 6 });
  expect(partitionsOf([stale, current])['b']).toContain(2);
  expect(partitionsOf([stale, current])['a']).not.toContain(2);
});

test('a topic goes only to those who read it, as during an update that adds one', () => {
  const added = 'source.credential-state';
  const shares = sharePartitions([member('a'), member('b', { topics: [topic, added] })]);
  expect(shares.get('a')?.places.every((place) => place.topic === topic)).toBe(true);
  expect(shares.get('b')?.places.filter((place) => place.topic === added)).toHaveLength(8);
});

test('what members say and get survives the wire', () => {
  const words = [member('a', { held: at(1) }), member('b')];
  const shares = encodeShares(
    words.map(({ memberId, ...word }) => ({ memberId, memberMetadata: encodeWord(word) })),
  );
  expect(
    new Map(
      shares.map(({ memberId, memberAssignment }) => [memberId, decodeShare(memberAssignment)]),
    ),
  ).toEqual(sharePartitions(words));
});

test('a member that gets nothing has no partitions', () => {
  expect(decodeShare(Buffer.alloc(0))).toEqual({ places: [], handBack: [] });
});
