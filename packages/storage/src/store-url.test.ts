import { expect, test } from 'vitest';
import { localPath, sqlitePath } from './store-url.ts';

test.each([
  ['sqlite:data/vault.db', 'data/vault.db'],
  ['sqlite:/var/lib/vault.db', '/var/lib/vault.db'],
  ['sqlite:///var/lib/vault.db', '/var/lib/vault.db'],
  ['sqlite:with%20space%23.db', 'with space#.db'],
])('%s names %s', (url, path) => {
  expect(sqlitePath(new URL(url))).toBe(path);
});

test.each([
  'sqlite:',
  'sqlite://host/vault.db',
  'sqlite:vault.db?mode=ro',
  'sqlite:vault.db#1',
  'sqlite:100%.db',
  'sqlite:data/',
])('%s is refused, because a part of it would be lost', (url) => {
  expect(() => sqlitePath(new URL(url))).toThrow(
    expect.objectContaining({ code: 'URL_PATH_INVALID' }),
  );
});

test('an engine that keeps several files takes a directory', () => {
  expect(localPath(new URL('embedded:data/'))).toBe('data/');
});
