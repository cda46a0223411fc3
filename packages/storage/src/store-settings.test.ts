import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '@credential-renewal/runtime';
import { expect, onTestFinished, test } from 'vitest';
import { readStoreSettings } from './store-settings.ts';

const read = (env: Record<string, string>) => readSettings(env, readStoreSettings);

function fileWith(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'store-settings-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'file');
  writeFileSync(path, text);
  return path;
}

test('an SQLite file is named by its path', () => {
  expect(read({ STORE_URL: 'sqlite:data/vault.db' })).toEqual({
    engine: 'sqlite',
    path: 'data/vault.db',
  });
});

test.each([
  'mongodb://127.0.0.1:27017/vault',
  'mongodb://user:p%40ss@one:27017,two:27017/vault?replicaSet=rs&authSource=admin',
  'mongodb+srv://cluster.example/vault',
])('%s names a database of MongoDB', (url) => {
  expect(read({ STORE_URL: url })).toMatchObject({ engine: 'mongodb', url, poolSize: 20 });
});

test('user and password stand beside the connection string, the password in a file', () => {
  const settings = read({
    STORE_URL: 'mongodb://127.0.0.1:27017/vault',
    STORE_USERNAME: 'vault',
    STORE_PASSWORD_FILE: fileWith('geheim\n'),
    STORE_POOL_SIZE: '7',
  });
  expect(settings).toMatchObject({ username: 'vault', password: 'geheim', poolSize: 7 });
});

test.each([
  ['none', {}, 'STORE_URL must be set'],
  [
    'of another kind of database',
    { STORE_URL: 'postgres://user:geheim@h/vault' },
    'STORE_URL must be a URL that begins with sqlite: or mongodb: or mongodb+srv:',
  ],
  [
    'a database without a scheme',
    { STORE_URL: '127.0.0.1:27017/vault' },
    'STORE_URL must be a URL that begins with sqlite: or mongodb: or mongodb+srv:',
  ],
  [
    'without a database',
    { STORE_URL: 'mongodb://user:geheim@h:27017' },
    'STORE_URL must name a database',
  ],
  [
    'without a database, but with options',
    { STORE_URL: 'mongodb://user:geheim@h:27017/?w=1' },
    'STORE_URL must name a database',
  ],
  [
    'with a database that MongoDB cannot have',
    { STORE_URL: 'mongodb://user:geheim@h:27017/a.b' },
    'STORE_URL must name a database',
  ],
  [
    'with a user alone',
    { STORE_URL: 'mongodb://h/vault', STORE_USERNAME: 'geheim' },
    'STORE_USERNAME and STORE_PASSWORD_FILE must be set together',
  ],
  [
    'with a password file that is not there',
    { STORE_URL: 'mongodb://h/vault', STORE_PASSWORD_FILE: '/no/such/geheim' },
    'STORE_PASSWORD_FILE names a file that cannot be read (ENOENT)',
  ],
  [
    'with a certificate that is not there',
    { STORE_URL: 'mongodb://h/vault', STORE_CA_FILE: '/no/such/geheim' },
    'STORE_CA_FILE names a file that cannot be read (ENOENT)',
  ],
  [
    'with a pool of none',
    { STORE_URL: 'mongodb://h/vault', STORE_POOL_SIZE: '0' },
    'STORE_POOL_SIZE must be a whole number from 1 to 1000',
  ],
])('a URL %s is refused by the name of the setting, without its value', (_what, env, problem) => {
  expect(() => read(env)).toThrow(problem);
  expect(() => read(env)).not.toThrow('geheim');
});
