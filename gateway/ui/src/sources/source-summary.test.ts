import { expect, test } from 'vitest';
import { countSummary } from './source-summary.ts';

test('the summary counts what needs renewal', () => {
  expect(countSummary(0, 0)).toBe('No sources yet');
  expect(countSummary(1, 1)).toBe('1 source, 1 needs renewal');
  expect(countSummary(6, 2)).toBe('6 sources, 2 need renewal');
  expect(countSummary(6, 0)).toBe('6 sources, none needs renewal');
});

test('a list with further pages does not claim to be whole', () => {
  expect(countSummary(50, 3, false)).toBe('50+ sources, 3 need renewal');
});
