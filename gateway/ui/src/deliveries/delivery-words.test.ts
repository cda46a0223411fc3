import { expect, test } from 'vitest';
import { kindWords } from './delivery-words.ts';

test('a mail is called by what it told, also one that this page does not know yet', () => {
  expect(kindWords({ kind: 'reminder', inDigest: false })).toBe('Reminder');
  expect(kindWords({ kind: 'expired', inDigest: true })).toBe('Credentials expired, in a digest');
  expect(kindWords({ kind: 'anniversary', inDigest: false })).toBe('anniversary');
});
