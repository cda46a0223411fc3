import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { FlattenedEncrypt, flattenedDecrypt } from 'jose';
import { beforeEach, expect, test } from 'vitest';
import { keyringOf } from '../testing/sample-keyring.ts';
import { dataKeyOf, type StoredJwe } from './stored-jwe.ts';
import { createTokenCipher, jweAad, type TokenCipher, type TokenContext } from './token-cipher.ts';

const key = randomBytes(32);
const olderKey = randomBytes(32);
const keyring = await keyringOf(['key-0', olderKey], ['key-1', key]);
let told: string[];
let cipher: TokenCipher;
beforeEach(() => {
  told = [];
  cipher = createTokenCipher(keyring, ({ reason }) => told.push(reason));
});
const context: TokenContext = {
  accountId: 'acme',
  recordId: 'credential-1',
  field: 'access_token',
};

test('what we write, jose reads', async () => {
  const jwe = cipher.encrypt('a token — with ünicode', context);
  const opened = await flattenedDecrypt({ ...jwe, aad: jweAad(context) }, key);
  expect(new TextDecoder().decode(opened.plaintext)).toBe('a token — with ünicode');
  expect(opened.protectedHeader).toMatchObject({ alg: 'dir', enc: 'A256GCM', kid: 'key-1' });
});

test('what jose writes, we read', async () => {
  const aad = new TextEncoder().encode(Buffer.from(jweAad(context), 'base64url').toString());
  const {
    protected: header = '',
    iv = '',
    ciphertext,
    tag = '',
  } = await new FlattenedEncrypt(Buffer.from('token'))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'key-1' })
    .setAdditionalAuthenticatedData(aad)
    .encrypt(key);
  expect(await cipher.decrypt({ protected: header, iv, ciphertext, tag }, context)).toBe('token');
});

async function expectUnreadable(jwe: StoredJwe, code: string, reason: string, where = context) {
  await expect(cipher.decrypt(jwe, where)).rejects.toMatchObject({ code });
  expect(told).toEqual([reason]);
}

test.each([
  ['another record', { recordId: 'credential-2' }],
  ['another account', { accountId: 'globex' }],
  ['another field', { field: 'refresh_token' }],
] as const)('a token copied onto %s does not decrypt, and is told from a damaged one', (_, moved) =>
  expectUnreadable(cipher.encrypt('token', context), 'TOKEN_MOVED', 'moved', {
    ...context,
    ...moved,
  }),
);

const headerOf = (header: Record<string, unknown>) =>
  Buffer.from(JSON.stringify(header)).toString('base64url');

test('a header with other algorithms is refused before any key is used', () =>
  expectUnreadable(
    {
      ...cipher.encrypt('token', context),
      protected: headerOf({ alg: 'RSA1_5', enc: 'A256GCM', kid: 'key-1' }),
    },
    'TOKEN_MALFORMED',
    'malformed',
  ));

test.each(['protected', 'iv', 'tag'] as const)(
  'a token whose %s is cut short is named so',
  (part) => {
    const jwe = cipher.encrypt('token', context);
    return expectUnreadable(
      { ...jwe, [part]: jwe[part].slice(0, 8) },
      'TOKEN_MALFORMED',
      'malformed',
    );
  },
);

test('a token whose ciphertext is cut short is named as changed', () => {
  const jwe = cipher.encrypt('token', context);
  const shorter = { ...jwe, ciphertext: jwe.ciphertext.slice(0, 3) };
  return expectUnreadable(shorter, 'TOKEN_TAMPERED', 'tampered');
});

test('a token under a key that the vault does not have is named so', () =>
  expectUnreadable(
    {
      ...cipher.encrypt('token', context),
      protected: headerOf({ alg: 'dir', enc: 'A256GCM', kid: 'key-9' }),
    },
    'DATA_KEY_UNKNOWN',
    'unknown_key',
  ));

test('whatever is done to a stored token, it is refused by name or reads as it was', async () => {
  const jwe = cipher.encrypt('token', context);
  const named = /^(TOKEN_(MALFORMED|MOVED|TAMPERED)|DATA_KEY_UNKNOWN)$/;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('protected', 'iv', 'ciphertext', 'tag'),
      fc.oneof(fc.string(), fc.base64String(), fc.constant(undefined as unknown as string)),
      fc.nat(80),
      async (part, text, at) => {
        const whole = jwe[part as keyof StoredJwe];
        const changed = text === undefined ? text : whole.slice(0, at) + text + whole.slice(at + 1);
        const outcome = await cipher
          .decrypt({ ...jwe, [part]: changed } as StoredJwe, context)
          .catch(({ code }: { code: string }) => code);
        if (outcome !== 'token') expect(outcome).toMatch(named);
      },
    ),
  );
});

test('a token moves to the newest key and stays the same token; one that is there already is left alone', async () => {
  const older = createTokenCipher(await keyringOf(['key-0', olderKey]), () => undefined);
  const before = older.encrypt('token', context);
  const after = cipher.renew(before, context);
  expect([dataKeyOf(before), dataKeyOf(after)]).toEqual(['key-0', 'key-1']);
  expect(await cipher.decrypt(after, context)).toBe('token');
  expect(cipher.renew(after, context)).toBe(after);
});

test('what cannot be opened is not moved: it stays as it is', () => {
  const jwe = { protected: headerOf({ alg: 'dir', enc: 'A256GCM', kid: 'key-0' }) };
  const damaged = { ...cipher.encrypt('token', context), ...jwe };
  expect(cipher.renew(damaged, context)).toBe(damaged);
});
