import { expect, test } from 'vitest';
import { durationWords, reactedWords } from './drill-words.ts';

test.each([
  [-5, '0 seconds'],
  [1_999, '1 second'],
  [59_999, '59 seconds'],
  [60_000, '1 minute'],
  [3_599_999, '59 minutes'],
  [7_200_000, '2 hours'],
  [90_000_000, '1 day'],
])('%d ms are %s', (ms, words) => {
  expect(durationWords(ms)).toBe(words);
});

test('it is counted who reacted', () => {
  const user = { id: 'u', name: 'Ada' };
  const reactedAt = '2026-05-01T10:00:00Z';
  const recipients = [
    { user, reactedAt },
    { user, reactedAt: null },
  ];
  expect(reactedWords({ recipients })).toBe('1 of 2 reacted');
});
