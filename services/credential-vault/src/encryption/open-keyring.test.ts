import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { uuidv7 } from '@credential-renewal/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DataKeyStore } from '../store/data-key-store.ts';
import { memoryDataKeys, silent } from '../testing/sample-keyring.ts';
import { addDataKey } from './add-data-key.ts';
import { createLocalKeyEncryptionKey } from './local-key-encryption-key.ts';
import { openKeyring } from './open-keyring.ts';

let directory: string;
let keyFile: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyring-'));
  keyFile = join(directory, 'keys', 'vault.key');
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = (dataKeys: DataKeyStore, path = keyFile) =>
  openKeyring({
    ...{ dataKeys, outer: createLocalKeyEncryptionKey(path), nowMs: 1, newKid: uuidv7 },
    logger: silent,
  });

test('the first start makes a key file with mode 600 and one data key, wrapped', async () => {
  const dataKeys = memoryDataKeys();
  const { kid, key } = (await open(dataKeys)).current();
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  expect(readdirSync(dirname(keyFile))).toEqual(['vault.key']);
  expect(dataKeys.keys).toMatchObject([{ kid, generation: 1 }]);
  expect(dataKeys.keys[0]?.wrapped).not.toContain(key.export().toString('base64url'));
});

test('the next start finds the same data key', async () => {
  const dataKeys = memoryDataKeys();
  const { kid, key } = (await open(dataKeys)).current();
  expect((await open(dataKeys)).known(kid)?.equals(key)).toBe(true);
});

test('fifty replicas that start at once on an empty store end with one and the same data key', async () => {
  const dataKeys = memoryDataKeys();
  const keyrings = await Promise.all(Array.from({ length: 50 }, () => open(dataKeys)));
  expect(dataKeys.keys).toHaveLength(1);
  const keys = keyrings.map((keyring) => keyring.current().key.export().toString('hex'));
  expect(new Set(keys).size).toBe(1);
});

test('a replica that saw an empty store makes no data key beside the one that another has made since', async () => {
  const dataKeys = memoryDataKeys();
  let lists = 0;
  const late: DataKeyStore = {
    ...dataKeys,
    list: async () => {
      lists += 1;
      if (lists > 1) return dataKeys.list();
      await open(dataKeys);
      return [];
    },
  };
  const keyring = await open(late);
  expect(dataKeys.keys).toHaveLength(1);
  expect(keyring.current().kid).toBe(dataKeys.keys[0]?.kid);
});

test('of two that make a data key after the same one, one does, newer than all others though the clock was set back', async () => {
  const dataKeys = memoryDataKeys();
  await open(dataKeys);
  const outer = createLocalKeyEncryptionKey(keyFile);
  const newest = dataKeys.keys.at(-1);
  const make = () => addDataKey(newest, { dataKeys, outer, nowMs: 0, newKid: uuidv7 });
  const made = [await make(), await make()];
  expect(made.filter((key) => key !== undefined)).toHaveLength(1);
  const [first, second, ...others] = dataKeys.keys;
  expect(others).toEqual([]);
  expect(second?.createdAtMs).toBeGreaterThan(first?.createdAtMs ?? 0);
  expect((second?.kid ?? '') > (first?.kid ?? '')).toBe(true);
});

test('of two that start at once with key files of their own one is told at start, and the other goes on', async () => {
  const dataKeys = memoryDataKeys();
  const outcomes = await Promise.allSettled([
    open(dataKeys, join(directory, 'one.key')),
    open(dataKeys, join(directory, 'other.key')),
  ]);
  const refused = outcomes.find(({ status }) => status === 'rejected');
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(refused).toMatchObject({ reason: { code: 'KEY_MISMATCH' } });
});

test('a missing key file is told at start, and none is made in its place', async () => {
  const dataKeys = memoryDataKeys();
  await open(dataKeys);
  rmSync(keyFile);
  await expect(open(dataKeys)).rejects.toMatchObject({ code: 'KEY_MISSING' });
  expect(existsSync(keyFile)).toBe(false);
});

test('a key that does not fit is told at start, and nothing is overwritten', async () => {
  const dataKeys = memoryDataKeys();
  await open(dataKeys);
  const other = Buffer.alloc(32, 7).toString('base64url');
  writeFileSync(keyFile, other);
  const before = structuredClone(dataKeys.keys);
  await expect(open(dataKeys)).rejects.toMatchObject({ code: 'KEY_MISMATCH' });
  expect(readFileSync(keyFile, 'utf8')).toBe(other);
  expect(dataKeys.keys).toEqual(before);
});

test.each(['too short', '', '# only a comment\n'])(
  'a key file that holds %j is refused by name',
  async (text) => {
    const dataKeys = memoryDataKeys();
    await open(dataKeys);
    writeFileSync(keyFile, text);
    await expect(open(dataKeys)).rejects.toMatchObject({
      code: 'KEY_FILE_INVALID',
      message: expect.stringMatching(/32 bytes/),
    });
  },
);

test('a key file that everybody can read is refused by name', async () => {
  const dataKeys = memoryDataKeys();
  await open(dataKeys);
  chmodSync(keyFile, 0o644);
  await expect(open(dataKeys)).rejects.toMatchObject({
    code: 'KEY_FILE_INVALID',
    message: expect.stringMatching(/mode to 600/),
  });
});

test('a place where no key file can be made is told with the way out', async () => {
  writeFileSync(join(directory, 'a-file'), '');
  await expect(
    open(memoryDataKeys(), join(directory, 'a-file', 'vault.key')),
  ).rejects.toMatchObject({
    code: 'KEY_FILE_INVALID',
    message: expect.stringMatching(/cannot be written/),
  });
});
