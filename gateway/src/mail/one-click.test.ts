import { expect, test } from 'vitest';
import { saysOneClick } from './one-click.ts';

const form = 'application/x-www-form-urlencoded';
const multipart = 'multipart/form-data; boundary=b';
const field = (headers: string, value: string) => `--b\r\n${headers}\r\n\r\n${value}\r\n--b--\r\n`;
const disposition = 'Content-Disposition: form-data; name="List-Unsubscribe"';

test.each([
  ['a form', form, 'List-Unsubscribe=One-Click'],
  ['a form with its charset', `${form}; charset=utf-8`, 'List-Unsubscribe=One-Click'],
  ['a form with more in it', form, 'a=b&List-Unsubscribe=One-Click'],
  ['a form in parts', multipart, field(disposition, 'One-Click')],
  [
    'a form in parts with their types',
    multipart,
    field(`${disposition}\r\nContent-Type: text/plain`, 'One-Click'),
  ],
])('%s says it', (_what, type, body) => {
  expect(saysOneClick(type, body)).toBe(true);
});

test.each([
  ['no body', form, undefined],
  ['an empty body', form, ''],
  ['no type', undefined, 'List-Unsubscribe=One-Click'],
  ['another value', form, 'List-Unsubscribe=No'],
  ['another field', form, 'Unsubscribe=One-Click'],
  ['text', 'text/plain', 'List-Unsubscribe=One-Click'],
  ['JSON', 'application/json', '{"List-Unsubscribe":"One-Click"}'],
  ['another field in parts', multipart, field('Content-Disposition: x; name="x"', 'One-Click')],
  ['another value in parts', multipart, field(disposition, 'One-Click-Not')],
])('%s does not', (_what, type, body) => {
  expect(saysOneClick(type, body)).toBe(false);
});
