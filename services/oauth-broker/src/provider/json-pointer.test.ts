import { expect, test } from 'vitest';
import { textAt, valueAt } from './json-pointer.ts';

const document = { team: { id: 7, 'a/b': 'x', '~': 'tilde' }, list: ['first'], none: null };

test.each([
  ['/team/id', 7],
  ['/team/a~1b', 'x'],
  ['/team/~0', 'tilde'],
  ['/list/0', 'first'],
  ['/none', null],
  ['/none/deeper', undefined],
  ['/team/constructor', undefined],
  ['/absent/deeper', undefined],
])('%s', (pointer, value) => {
  expect(valueAt(document, pointer)).toBe(value);
});

test('a text is a text or a number, and never empty', () => {
  expect(textAt(document, '/team/id')).toBe('7');
  expect(textAt(document, '/team')).toBeUndefined();
  expect(textAt({ empty: '' }, '/empty')).toBeUndefined();
});
