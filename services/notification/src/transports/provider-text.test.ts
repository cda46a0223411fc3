import { expect, test } from 'vitest';
import { providerText } from './provider-text.ts';

test.each([
  [
    '550 5.1.1 <ann@example.com>: Recipient address rejected: User unknown',
    '550 5.1.1 <(address)>: Recipient address rejected: User unknown',
  ],
  ['550 5.1.1 ann+tag@example.com... no such user', '550 5.1.1 (address) no such user'],
  ['first duplicate: [ann@example.com]', 'first duplicate: [(address)]'],
  ['bounces+1-ann=example.com@mail.example said no', '(address) said no'],
  ['zoë@bücher.example, not here', '(address), not here'],
  ['550-line one\r\n550 line two\u2028', '550-line one 550 line two'],
])('%j is told as %j', (text, told) => {
  expect(providerText(text)).toBe(told);
});

test('a text without end is cut', () => {
  expect(providerText('x'.repeat(10_000))).toHaveLength(300);
});
