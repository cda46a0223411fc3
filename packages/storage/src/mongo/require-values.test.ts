import { expect, test } from 'vitest';
import { requireValues } from './require-values.ts';

test.each([
  [{ accountId: undefined }, 'accountId'],
  [{ accountId: 'a', createdAtMs: { $lt: undefined } }, 'createdAtMs.$lt'],
  [{ _id: { $in: ['a', undefined] } }, '_id.$in.1'],
  [{ $or: [{ a: 1 }, { b: undefined }] }, '$or.1.b'],
])('%j is refused by the name of what it leaves open', (condition, path) => {
  expect(() => requireValues(condition)).toThrow(`The condition on ${path} has no value`);
});

test.each([
  {},
  { a: null },
  { a: { $exists: false }, b: 0, c: '' },
  { at: { $lt: new Date(0) }, $or: [{ a: 1 }, { b: [] }] },
])('%j is a condition', (condition) => {
  expect(() => requireValues(condition)).not.toThrow();
});
