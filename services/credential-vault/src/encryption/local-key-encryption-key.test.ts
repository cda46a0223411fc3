import { createCipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KeyEncryptionKey } from './key-encryption-key.ts';
import { createLocalKeyEncryptionKey } from './local-key-encryption-key.ts';

let directory: string;
let path: string;
let outer: KeyEncryptionKey;
const dataKey = randomBytes(32);
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'key-file-'));
  path = join(directory, 'vault.key');
  outer = createLocalKeyEncryptionKey(path);
  await outer.prepare?.();
});
afterEach(() => rmSync(directory, { recursive: true }));

test('what was wrapped is unwrapped, and only with its context', async () => {
  const wrapped = await outer.wrap(dataKey, 'kid-1');
  expect(await outer.unwrap(wrapped, 'kid-1')).toEqual(dataKey);
  await expect(outer.unwrap(wrapped, 'kid-2')).rejects.toMatchObject({ code: 'KEY_MISMATCH' });
  const cut = wrapped.slice(0, -4);
  await expect(outer.unwrap(cut, 'kid-1')).rejects.toMatchObject({ code: 'KEY_MISMATCH' });
});

test('the last key of the file wraps, and all open, whatever comments stand between them', async () => {
  const before = await outer.wrap(dataKey, 'kid');
  writeFileSync(path, `# May\n${readFileSync(path, 'utf8')}\n# June\n`);
  await outer.makeNewer?.();
  const after = await outer.wrap(dataKey, 'kid');
  expect(outer.versionOf(after)).not.toBe(outer.versionOf(before));
  expect(await outer.unwrap(before, 'kid')).toEqual(dataKey);
  expect(await outer.unwrap(after, 'kid')).toEqual(dataKey);
});

test('a key that was taken out of the file opens nothing any more, and the others go on', async () => {
  const before = await outer.wrap(dataKey, 'kid');
  await outer.makeNewer?.();
  const after = await outer.wrap(dataKey, 'kid');
  writeFileSync(path, readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) ?? '');
  expect(await outer.unwrap(after, 'kid')).toEqual(dataKey);
  await expect(outer.unwrap(before, 'kid')).rejects.toMatchObject({ code: 'KEY_MISMATCH' });
});

test('of two that add a key at the same moment none loses the other’s', async () => {
  const first = readFileSync(path, 'utf8').trim();
  await Promise.all([outer.makeNewer?.(), createLocalKeyEncryptionKey(path).makeNewer?.()]);
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toBe(first);
});

test('no key is added to a file that is none', async () => {
  writeFileSync(path, 'something else');
  await expect(outer.makeNewer?.()).rejects.toMatchObject({ code: 'KEY_FILE_INVALID' });
  expect(readFileSync(path, 'utf8')).toBe('something else');
});

test('data keys that were wrapped before keys had ids still open, also after a rotation', async () => {
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64url');
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from('kid'));
  const sealed = [iv, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()];
  const wrapped = Buffer.concat(sealed).toString('base64url');
  await outer.makeNewer?.();
  expect(await outer.unwrap(wrapped, 'kid')).toEqual(dataKey);
  expect(outer.versionOf(wrapped)).toBe('');
});
