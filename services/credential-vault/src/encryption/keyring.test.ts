import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DataKeyStore, StoredDataKey } from '../store/data-key-store.ts';
import { openKeyring } from './keyring.ts';
import { createKeyFile } from './local-key-encryption-key.ts';

let directory: string;
let keyFile: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyring-'));
  keyFile = join(directory, 'keys', 'vault.key');
});
afterEach(() => rmSync(directory, { recursive: true }));

function dataKeyStore(): DataKeyStore & { keys: StoredDataKey[] } {
  const keys: StoredDataKey[] = [];
  return {
    keys,
    list: async () => [...keys],
    add: async (key) => !keys.some(({ kid }) => kid === key.kid) && keys.push(key) > 0,
  };
}

const open = (dataKeys: DataKeyStore) => openKeyring({ keyFile, dataKeys, nowMs: 1 });

test('the first start makes a key file with mode 600 and one data key, wrapped', async () => {
  const dataKeys = dataKeyStore();
  const { kid, key } = (await open(dataKeys)).current();
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  expect(kid).toBe('key-1');
  expect(dataKeys.keys[0]?.wrapped).not.toContain(Buffer.from(key).toString('base64url'));
});

test('the next start finds the same data key', async () => {
  const dataKeys = dataKeyStore();
  const first = (await open(dataKeys)).current();
  expect(Buffer.from((await open(dataKeys)).find('key-1'))).toEqual(Buffer.from(first.key));
});

test('replicas that start at once on an empty store end up with the same keys', async () => {
  const dataKeys = dataKeyStore();
  const rings = await Promise.all(Array.from({ length: 8 }, () => open(dataKeys)));
  const keys = rings.map((ring) => Buffer.from(ring.current().key).toString('hex'));
  expect(new Set(keys).size).toBe(1);
  expect(dataKeys.keys).toHaveLength(1);
});

test('a key file that another process has just made is kept and used', () => {
  createKeyFile(keyFile);
  const first = readFileSync(keyFile, 'utf8');
  createKeyFile(keyFile);
  expect(readFileSync(keyFile, 'utf8')).toBe(first);
  expect(readdirSync(join(directory, 'keys'))).toEqual(['vault.key']);
});

test('a data key that another replica has made with another key file is told, and not used', async () => {
  const dataKeys = dataKeyStore();
  const elsewhere = join(directory, 'elsewhere.key');
  await openKeyring({ keyFile: elsewhere, dataKeys, nowMs: 1 });
  // This one looked before the other had stored its key.
  const late = { ...dataKeys, list: vi.fn(dataKeys.list).mockResolvedValueOnce([]) };
  await expect(open(late)).rejects.toMatchObject({ code: 'KEY_MISMATCH' });
});

test('a missing key file is told at start, and none is made in its place', async () => {
  const dataKeys = dataKeyStore();
  await open(dataKeys);
  rmSync(keyFile);
  await expect(open(dataKeys)).rejects.toMatchObject({ code: 'KEY_MISSING' });
  expect(() => statSync(keyFile)).toThrow();
});

test('a key that does not fit is told at start, and nothing is overwritten', async () => {
  const dataKeys = dataKeyStore();
  await open(dataKeys);
  rmSync(keyFile);
  createKeyFile(keyFile);
  const other = readFileSync(keyFile, 'utf8');
  const before = structuredClone(dataKeys.keys);
  await expect(open(dataKeys)).rejects.toMatchObject({ code: 'KEY_MISMATCH' });
  expect(readFileSync(keyFile, 'utf8')).toBe(other);
  expect(dataKeys.keys).toEqual(before);
});

test('a key file that is no key, or that everybody can read, is refused by name', async () => {
  createKeyFile(keyFile);
  chmodSync(keyFile, 0o644);
  await expect(open(dataKeyStore())).rejects.toMatchObject({
    code: 'KEY_FILE_INVALID',
    message: expect.stringMatching(/mode to 600/),
  });
  chmodSync(keyFile, 0o600);
  writeFileSync(keyFile, 'too short');
  await expect(open(dataKeyStore())).rejects.toMatchObject({
    code: 'KEY_FILE_INVALID',
    message: expect.stringMatching(/32 bytes/),
  });
});
