import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SessionKeyUnfitError } from '../errors.ts';
import { loadSessionKey } from './session-key.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'session-key-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('the first start makes a key that only its owner can read, and later ones keep it', async () => {
  const path = join(directory, 'key');
  const first = await loadSessionKey(path);
  expect(first).toHaveLength(32);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await loadSessionKey(path)).toEqual(first);
  expect(await readdir(directory)).toEqual(['key']);
});

test('processes that start at once end up with one key', async () => {
  const path = join(directory, 'key');
  const keys = await Promise.all(Array.from({ length: 8 }, () => loadSessionKey(path)));
  expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
});

test.each([0, 31, 33])('a file of %i bytes is told and left as it is', async (length) => {
  const path = join(directory, 'key');
  await writeFile(path, Buffer.alloc(length, 7));
  await expect(loadSessionKey(path)).rejects.toThrow(SessionKeyUnfitError);
  expect(await readFile(path)).toEqual(Buffer.alloc(length, 7));
});

test('a directory that is not there is told by the name of the setting', async () => {
  await expect(loadSessionKey(join(directory, 'none', 'key'))).rejects.toThrow(/SESSION_KEY_FILE/);
});
