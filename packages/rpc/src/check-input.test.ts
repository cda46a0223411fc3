import { InputInvalidError } from '@credential-renewal/runtime';
import { expect, test } from 'vitest';
import { checkInput, type InputCheck } from './check-input.ts';
import { durationFromMs } from './duration.ts';

/** Names of the fields that the rules found wrong. */
function wrongFields(rules: (check: InputCheck) => void): string[] {
  try {
    checkInput(rules);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(InputInvalidError);
    return (error as InputInvalidError).violations.map(({ field }) => field);
  }
}

test('every wrong field is named at once, and never its value', () => {
  const rules = (check: InputCheck) => {
    check.id('source_id', 'no/id');
    check.text('name', '', { maxLength: 10 });
    check.pageSize('page_size', 201);
  };
  expect(wrongFields(rules)).toEqual(['source_id', 'name', 'page_size']);
  expect(() => checkInput(rules)).not.toThrow('no/id');
});

test('an id is 1 to 64 letters, digits, underscores or hyphens', () => {
  for (const id of ['a', 'A_b-9', 'x'.repeat(64), '0192f8a0-7c1e-7000-8000-000000000000']) {
    expect(wrongFields((check) => check.id('id', id))).toEqual([]);
  }
  for (const id of ['', 'x'.repeat(65), 'a b', 'a\n', '../a', 'ä', 'a.b']) {
    expect(wrongFields((check) => check.id('id', id))).toEqual(['id']);
  }
});

test('an absent optional field passes and a present one is checked', () => {
  expect(wrongFields((check) => check.optionalId('id', undefined))).toEqual([]);
  expect(wrongFields((check) => check.optionalId('id', ''))).toEqual(['id']);
  expect(wrongFields((check) => check.optionalText('t', undefined, { maxLength: 1 }))).toEqual([]);
  expect(wrongFields((check) => check.optionalText('t', 'ab', { maxLength: 1 }))).toEqual(['t']);
  expect(wrongFields((check) => check.optionalDuration('d', undefined))).toEqual([]);
  expect(wrongFields((check) => check.optionalDuration('d', durationFromMs(-1)))).toEqual(['d']);
});

test('each id of a list is named by its place, and the list has an end', () => {
  expect(wrongFields((check) => check.ids('user_ids', ['a', ' ', 'b', '']))).toEqual([
    'user_ids[1]',
    'user_ids[3]',
  ]);
  expect(wrongFields((check) => check.ids('ids', ['a', 'b'], { maxCount: 1 }))).toEqual(['ids']);
});

test('text keeps to its length and holds no control characters or broken surrogates', () => {
  const limits = { maxLength: 5 };
  for (const text of ['a', 'Ünïc', '日本語', 'a b', '👍👍']) {
    expect(wrongFields((check) => check.text('name', text, limits))).toEqual([]);
  }
  for (const text of ['', 'abcdef', 'a\nb', 'a\u0000', '\u0085', '\u001b[0m', '\ud800']) {
    expect(wrongFields((check) => check.text('name', text, limits))).toEqual(['name']);
  }
  expect(wrongFields((check) => check.text('note', '', { minLength: 0, maxLength: 5 }))).toEqual(
    [],
  );
});

test('a duration must be there and within its range', () => {
  const limits = { minMs: 1_000, maxMs: 60_000 };
  for (const ms of [1_000, 60_000]) {
    expect(wrongFields((check) => check.duration('life', durationFromMs(ms), limits))).toEqual([]);
  }
  for (const duration of [undefined, durationFromMs(999), durationFromMs(60_001)]) {
    expect(wrongFields((check) => check.duration('life', duration, limits))).toEqual(['life']);
  }
  const endless = { seconds: 2n ** 62n, nanos: 0 };
  expect(wrongFields((check) => check.duration('life', endless))).toEqual(['life']);
});

test('whole numbers are checked as number and as bigint', () => {
  const limits = { min: 1, max: 3 };
  for (const value of [1, 3, 2n]) {
    expect(wrongFields((check) => check.integer('version', value, limits))).toEqual([]);
  }
  for (const value of [0, 4, 1.5, Number.NaN, 4n]) {
    expect(wrongFields((check) => check.integer('version', value, limits))).toEqual(['version']);
  }
});

test('a page token is empty or printable ASCII of at most 512 characters', () => {
  for (const token of ['', 'abc-_=', 'x'.repeat(512)]) {
    expect(wrongFields((check) => check.pageToken('page_token', token))).toEqual([]);
  }
  for (const token of ['a b', 'x'.repeat(513), 'ä']) {
    expect(wrongFields((check) => check.pageToken('page_token', token))).toEqual(['page_token']);
  }
});

test('a choice, a message and an enum value must be set', () => {
  const Kind = { UNSPECIFIED: 0, PERSONAL: 1 } as const;
  expect(
    wrongFields((check) => {
      check.oneof('use', undefined);
      check.present('state', undefined);
      check.enumValue('kind', Kind.UNSPECIFIED, Kind);
      check.enumValue('unknown_kind', 7, Kind);
    }),
  ).toEqual(['use', 'state', 'kind', 'unknown_kind']);
  expect(
    wrongFields((check) => {
      check.oneof('use', { $case: 'sourceId' });
      check.present('synced_at', new Date(0));
      check.enumValue('kind', Kind.PERSONAL, Kind);
    }),
  ).toEqual([]);
});
