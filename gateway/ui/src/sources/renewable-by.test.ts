import { expect, test } from 'vitest';
import { renewableByWords } from './renewable-by.ts';

const people = ['Ada', 'Bo', 'Cy', 'Di', 'Ed'].map((name) => ({ id: name, name }));

test('those who can renew are named, a crowd is counted', () => {
  expect(renewableByWords(people.slice(0, 1))).toBe('Ada can renew it');
  expect(renewableByWords(people.slice(0, 2))).toBe('Ada and Bo can renew it');
  expect(renewableByWords(people.slice(0, 4))).toBe('Ada, Bo, Cy, and 1 other can renew it');
  expect(renewableByWords(people)).toBe('Ada, Bo, Cy, and 2 others can renew it');
});

test('more access is granted, not renewed', () => {
  expect(renewableByWords(people.slice(0, 2), 'grant')).toBe('Ada and Bo can grant it');
  expect(renewableByWords([], 'grant')).toBe('Ask an administrator to grant it');
});

test('nobody is left without somebody to ask', () => {
  expect(renewableByWords([])).toBe('Ask an administrator to renew it');
});
