import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '@credential-renewal/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readKeySettings } from './key-settings.ts';

let directory: string;
let tokenFile: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'key-settings-'));
  tokenFile = join(directory, 'token');
  writeFileSync(tokenFile, 'hvs.secret');
});
afterAll(() => rmSync(directory, { recursive: true }));

const read = (env: Record<string, string>) => readSettings(env, readKeySettings);

test.each([
  ['file:/run/keys/vault.key', '/run/keys/vault.key'],
  ['file:///run/keys/vault.key', '/run/keys/vault.key'],
  ['file:keys/a%20key', 'keys/a key'],
])('%s is a file', (url, path) => {
  expect(read({ KEY_ENCRYPTION_KEY_URL: url }).keyEncryptionKey).toEqual({ kind: 'file', path });
});

test('KEY_FILE still names a file', () => {
  expect(read({ KEY_FILE: '/k' }).keyEncryptionKey).toEqual({ kind: 'file', path: '/k' });
});

test('a Transit key has an address, a mount that may have slashes, and a token from a file; the one before it has the same', () => {
  const settings = read({
    KEY_ENCRYPTION_KEY_URL: 'transit+https://bao.example:8200/teams/a/transit/renewal',
    KEY_ENCRYPTION_KEY_TOKEN_FILE: tokenFile,
    KEY_ENCRYPTION_KEY_NAMESPACE: 'prod',
    PREVIOUS_KEY_ENCRYPTION_KEY_URL: 'file:/run/keys/vault.key',
  });
  expect(settings).toEqual({
    keyEncryptionKey: {
      kind: 'transit',
      origin: 'https://bao.example:8200',
      mount: 'teams/a/transit',
      keyName: 'renewal',
      tokenFile,
      namespace: 'prod',
      caFile: undefined,
      timeoutMs: 3_000,
    },
    previousKeyEncryptionKey: { kind: 'file', path: '/run/keys/vault.key' },
  });
});

const transit = (url: string, env: Record<string, string> = {}) => ({
  KEY_ENCRYPTION_KEY_URL: url,
  KEY_ENCRYPTION_KEY_TOKEN_FILE: tokenFile,
  ...env,
});

test.each<[string, Record<string, string>, RegExp]>([
  ['nothing', {}, /KEY_ENCRYPTION_KEY_URL must be set \(or KEY_FILE\)/],
  [
    'both',
    { KEY_FILE: '/k', KEY_ENCRYPTION_KEY_URL: 'file:/k' },
    /KEY_FILE and KEY_ENCRYPTION_KEY_URL/,
  ],
  [
    'another scheme',
    { KEY_ENCRYPTION_KEY_URL: 'awskms:arn' },
    /KEY_ENCRYPTION_KEY_URL must be file:/,
  ],
  ['a file on a host', { KEY_ENCRYPTION_KEY_URL: 'file://host/k' }, /names a host/],
  ['no file', { KEY_ENCRYPTION_KEY_URL: 'file:' }, /names no file/],
  ['a bad escape', { KEY_ENCRYPTION_KEY_URL: 'file:/100%' }, /%25/],
  ['no key', transit('transit+https://bao.example/transit'), /must name the mount and the key/],
  ['no host', transit('transit+https://'), /must name the mount and the key/],
  [
    'a password',
    transit('transit+https://u:hunter2@bao.example/t/k'),
    /belongs into KEY_ENCRYPTION_KEY_TOKEN_FILE/,
  ],
  [
    'a query',
    transit('transit+https://bao.example/t/k?token=hunter2'),
    /nothing but host, mount and key/,
  ],
  [
    'no token',
    { KEY_ENCRYPTION_KEY_URL: 'transit+https://bao.example/t/k' },
    /KEY_ENCRYPTION_KEY_TOKEN_FILE must be set/,
  ],
  [
    'a token file that is not there',
    transit('transit+https://bao.example/t/k', { KEY_ENCRYPTION_KEY_TOKEN_FILE: '/nowhere' }),
    /KEY_ENCRYPTION_KEY_TOKEN_FILE names a file that cannot be read/,
  ],
  [
    'a CA file that is not there',
    transit('transit+https://bao.example/t/k', { KEY_ENCRYPTION_KEY_CA_FILE: '/nowhere' }),
    /KEY_ENCRYPTION_KEY_CA_FILE names a file that cannot be read/,
  ],
  [
    'an absurd time-out',
    transit('transit+https://bao.example/t/k', { KEY_ENCRYPTION_KEY_TIMEOUT_MS: '0' }),
    /KEY_ENCRYPTION_KEY_TIMEOUT_MS must be/,
  ],
  [
    'a wrong previous key',
    { KEY_FILE: '/k', PREVIOUS_KEY_ENCRYPTION_KEY_URL: 'ftp:/x' },
    /PREVIOUS_KEY_ENCRYPTION_KEY_URL must be/,
  ],
])('%s is told by the name of the setting, without its value', (_, env, message) => {
  expect(() => read(env)).toThrow(message);
  expect(() => read(env)).not.toThrow(/hunter2/);
});
