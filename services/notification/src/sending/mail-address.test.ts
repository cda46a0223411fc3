import { expect, test } from 'vitest';
import { formatAddress, isUsableAddress, parseAddress } from './mail-address.ts';

test.each([
  ['Ann', 'Ann <a@x.example>'],
  ['Zoë O’Neil', '"Zoë O’Neil" <a@x.example>'],
  ['Doe, "J" \\ Inc.', '"Doe, \\"J\\" \\\\ Inc." <a@x.example>'],
  ['', 'a@x.example'],
  ['Eve\r\nBcc: b@x.example', '"Eve Bcc: b@x.example" <a@x.example>'],
  ['Eve\u2028X-Header: 1', '"Eve X-Header: 1" <a@x.example>'],
])('the name %j stays a name in a header', (name, header) => {
  expect(formatAddress({ name, address: 'a@x.example' })).toBe(header);
});

test.each([
  ['a@x.example', true],
  ['a+b.c@sub.x.example', true],
  ['', false],
  ['nobody', false],
  ['a@x.example\r\nBcc: b@x.example', false],
  ['a@x.example,b@x.example', false],
  ['<a@x.example>', false],
  ['a b@x.example', false],
  ['a@b@x.example', false],
  [`${'a'.repeat(250)}@x.example`, false],
])('whether %j can be mailed to: %s', (address, usable) => {
  expect(isUsableAddress(address)).toBe(usable);
});

test('a sender is read with and without a name, and anything else is refused', () => {
  expect(parseAddress('P R <p@x.example>')).toEqual({ name: 'P R', address: 'p@x.example' });
  expect(parseAddress('"P R" <p@x.example>')).toEqual({ name: 'P R', address: 'p@x.example' });
  expect(parseAddress('p@x.example')).toEqual({ name: '', address: 'p@x.example' });
  expect(parseAddress('p')).toBeUndefined();
  expect(parseAddress('P <p@x.example> Q')).toBeUndefined();
});
