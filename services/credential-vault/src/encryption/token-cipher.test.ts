import { randomBytes } from 'node:crypto';
import { FlattenedEncrypt, flattenedDecrypt } from 'jose';
import { expect, test } from 'vitest';
import { createKeyring } from './keyring.ts';
import { createTokenCipher, jweAad, type TokenContext } from './token-cipher.ts';

const key = randomBytes(32);
const cipher = createTokenCipher(createKeyring(new Map([['key-1', key]]), 'key-1'));
const context: TokenContext = {
  accountId: 'acme',
  recordId: 'credential-1',
  field: 'access_token',
};

test('what we write, jose reads', async () => {
  const jwe = cipher.encrypt('a token — with ünicode', context);
  const opened = await flattenedDecrypt({ ...jwe, aad: jweAad(context) }, key);
  expect(new TextDecoder().decode(opened.plaintext)).toBe('a token — with ünicode');
  expect(opened.protectedHeader).toEqual({ alg: 'dir', enc: 'A256GCM', kid: 'key-1' });
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
  expect(cipher.decrypt({ protected: header, iv, ciphertext, tag }, context)).toBe('token');
});

test.each([
  ['another record', { recordId: 'credential-2' }],
  ['another account', { accountId: 'globex' }],
  ['another field', { field: 'refresh_token' }],
] as const)('a token copied onto %s does not decrypt', (_, moved) => {
  const jwe = cipher.encrypt('token', context);
  expect(() => cipher.decrypt(jwe, { ...context, ...moved })).toThrow(
    expect.objectContaining({ code: 'TOKEN_UNDECRYPTABLE' }),
  );
});

test('a header with other algorithms is refused before any key is used', () => {
  const jwe = cipher.encrypt('token', context);
  const header = Buffer.from(
    JSON.stringify({ alg: 'RSA1_5', enc: 'A256GCM', kid: 'key-1' }),
  ).toString('base64url');
  expect(() => cipher.decrypt({ ...jwe, protected: header }, context)).toThrow(
    expect.objectContaining({ code: 'TOKEN_UNDECRYPTABLE' }),
  );
});

test('a shortened authentication tag is refused', () => {
  const jwe = cipher.encrypt('token', context);
  expect(() => cipher.decrypt({ ...jwe, tag: jwe.tag.slice(0, 8) }, context)).toThrow(
    expect.objectContaining({ code: 'TOKEN_UNDECRYPTABLE' }),
  );
});
