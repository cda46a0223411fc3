import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '@credential-renewal/runtime';
import { expect, onTestFinished, test } from 'vitest';
import { readStoreSettings } from './store-settings.ts';

const read = (env: Record<string, string>) => readSettings(env, readStoreSettings);

test('an SQLite file is named by its path', () => {
  expect(read({ STORE_URL: 'sqlite:data/vault.db' })).toEqual({
    ...{ engine: 'sqlite', path: 'data/vault.db' },
  });
});

test('MongoDB may have several hosts, and its password comes from a file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'store-settings-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const passwordFile = join(directory, 'password');
  writeFileSync(passwordFile, 'of the vault\n');
  const url = 'mongodb://one:27017,two:27017/vault?replicaSet=rs0';
  expect(
    read({
      STORE_URL: url,
      STORE_USERNAME: 'vault',
      STORE_PASSWORD_FILE: passwordFile,
      STORE_POOL_SIZE: '5',
    }),
  ).toMatchObject({
    engine: 'mongodb',
    url,
    username: 'vault',
    password: 'of the vault',
    poolSize: 5,
  });
  expect(read({ STORE_URL: 'mongodb+srv://cluster.example/vault' })).toMatchObject({
    poolSize: 20,
  });
});

test.each([
  [
    'postgres://host/db',
    'STORE_URL must be a URL that begins with sqlite: or mongodb: or mongodb+srv:',
  ],
  ['sqlite:data/', 'STORE_URL names a directory, not a file'],
  ['sqlite://host/vault.db', 'STORE_URL names a host'],
  ['mongodb://host:27017', 'STORE_URL must name a database: mongodb://host:27017/<database>'],
  ['mongodb://host:27017/?replicaSet=rs0', 'STORE_URL must name a database'],
])('%s is refused by the name of the setting', (STORE_URL, told) => {
  expect(() => read({ STORE_URL })).toThrow(told);
});

test('a user without a password file is refused, and nothing of the URL is repeated', () => {
  const wrong = () => read({ STORE_URL: 'mongodb://a:hidden@host/', STORE_USERNAME: 'vault' });
  expect(wrong).toThrow('STORE_USERNAME and STORE_PASSWORD_FILE must be set together');
  expect(wrong).not.toThrow('hidden');
});
