import { expect, test } from 'vitest';
import { askedWords, countSummary } from './source-summary.ts';

test('the summary counts what needs renewal', () => {
  expect(countSummary(0, 0)).toBe('No sources yet');
  expect(countSummary(1, 1)).toBe('1 source, 1 needs renewal');
  expect(countSummary(6, 2)).toBe('6 sources, 2 need renewal');
  expect(countSummary(6, 0)).toBe('6 sources, none needs renewal');
});

test('a list with further pages does not claim to be whole', () => {
  expect(countSummary(50, 3, false)).toBe('50+ sources, 3 need renewal');
});

test('what is asked for more access is counted beside it, and not mentioned where there is none', () => {
  expect(`${countSummary(6, 0)}${askedWords(1)}`).toBe(
    '6 sources, none needs renewal, 1 needs more access',
  );
  expect(askedWords(2)).toBe(', 2 need more access');
  expect(askedWords(0)).toBe('');
});
