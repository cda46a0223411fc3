import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UnsubscribeKeyUnfitError } from '../errors.ts';
import { temporaryDirectory } from '../testing/start-room.ts';
import { loadUnsubscribeKey } from './unsubscribe-key.ts';
import { createUnsubscribeTokens, maskAddress } from './unsubscribe-token.ts';

const person = { accountId: 'account-1', userId: 'user-ann' };

describe('a token', () => {
  const tokens = createUnsubscribeTokens(Buffer.alloc(32, 1));
  const token = tokens.make(person, 'ann.lovett@mail.acme.example');

  test('speaks of the person it was made for, and of an address that only its owner knows', () => {
    expect(tokens.read(token)).toEqual({ ...person, maskedAddress: 'a•••@m•••.example' });
    expect(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).not.toContain('lovett');
  });

  test('stands in a URL as it is', () => {
    expect(encodeURIComponent(token)).toBe(token);
  });

  test('of another key, of another person or changed anywhere is unknown', () => {
    const others = createUnsubscribeTokens(Buffer.alloc(32, 2)).make(person, 'a@b.example');
    expect(tokens.read(others)).toBeUndefined();
    for (let at = 0; at < token.length; at++) {
      const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
      const read = tokens.read(changed);
      // The last letter of base64url may hold bits that nothing is read from.
      if (read) expect([at, read.userId]).toEqual([token.length - 1, 'user-ann']);
    }
  });

  test.each(['', '.', 'a.b', 'x', `${'a'.repeat(5_000)}.b`, `${token}.more`, ` ${token}`])(
    'is not %j',
    (text) => {
      expect(tokens.read(text)).toBeUndefined();
    },
  );
});

test.each([
  ['ann@example.com', 'a•••@e•••.com'],
  ['a@b', 'a•••@b•••'],
  ['🙂x@mail.example', '🙂•••@m•••.example'],
])('the address %s is shown as %s', (address, masked) => {
  expect(maskAddress(address)).toBe(masked);
});

describe('the key', () => {
  test('is made at the first start, for its owner alone, and is the same from then on', async () => {
    const path = join(temporaryDirectory(), 'keys', 'unsubscribe.key');
    const [one, other] = await Promise.all([loadUnsubscribeKey(path), loadUnsubscribeKey(path)]);
    expect(one).toHaveLength(32);
    expect(Buffer.from(other)).toEqual(Buffer.from(one));
    expect(Buffer.from(await loadUnsubscribeKey(path))).toEqual(Buffer.from(one));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('is told and left alone when it is something else', async () => {
    const path = join(temporaryDirectory(), 'unsubscribe.key');
    writeFileSync(path, 'short');
    await expect(loadUnsubscribeKey(path)).rejects.toThrow(UnsubscribeKeyUnfitError);
    await expect(loadUnsubscribeKey(path)).rejects.toThrow('must hold 32 bytes, but holds 5');
    expect(readFileSync(path, 'utf8')).toBe('short');
  });

  test('that cannot be made is told by name', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'file'), '');
    chmodSync(directory, 0o700);
    const path = join(directory, 'file', 'unsubscribe.key');
    await expect(loadUnsubscribeKey(path)).rejects.toThrow('UNSUBSCRIBE_KEY_FILE');
  });
});
