import { expect, test } from 'vitest';
import { relativeTime } from './relative-time.ts';

const now = Date.parse('2026-05-03T12:00:00Z');

test.each([
  ['2026-05-03T11:59:40Z', 'just now'],
  ['2026-05-03T12:00:20Z', 'in less than a minute'],
  ['2026-05-03T11:59:00Z', '1 minute ago'],
  ['2026-05-03T09:01:00Z', '2 hours ago'],
  ['2026-05-02T12:00:00Z', '1 day ago'],
  ['2026-05-10T12:00:00Z', 'in 7 days'],
  ['2026-03-01T12:00:00Z', '2 months ago'],
  ['2024-05-01T12:00:00Z', '2 years ago'],
])('%s reads as %s', (time, words) => {
  expect(relativeTime(Date.parse(time), now)).toBe(words);
});
