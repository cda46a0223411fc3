import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { TokenUndecryptableError } from '../errors.ts';
import type { Keyring } from './keyring.ts';

/** A JWE in flattened JSON (RFC 7516 section 7.2.2) whose `aad` is left out: it is supplied when decrypting. */
export type StoredJwe = { protected: string; iv: string; ciphertext: string; tag: string };

/** Where a token belongs. A record copied onto another record's id, account or field does not decrypt. */
export type TokenContext = {
  accountId: string;
  recordId: string;
  field: 'access_token' | 'refresh_token';
};

export type TokenCipher = {
  encrypt(token: string, context: TokenContext): StoredJwe;
  decrypt(jwe: StoredJwe, context: TokenContext): string;
};

const encryption = 'A256GCM';
const version = 'v1';

/**
 * Encrypts tokens as standard JWE (`alg: dir`, `enc: A256GCM`, `kid`: the data key). node:crypto writes them because it
 * is several times faster than an asynchronous library and works inside a synchronous store transaction; the tests hold
 * it to what `jose` reads and writes.
 */
export function createTokenCipher(keyring: Keyring): TokenCipher {
  return {
    encrypt(token, context) {
      const { kid, key } = keyring.current();
      const header = base64url(JSON.stringify({ alg: 'dir', enc: encryption, kid }));
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      cipher.setAAD(additionalData(header, context));
      const ciphertext = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
      return {
        protected: header,
        iv: iv.toString('base64url'),
        ciphertext: ciphertext.toString('base64url'),
        tag: cipher.getAuthTag().toString('base64url'),
      };
    },
    decrypt(jwe, context) {
      try {
        const key = keyring.find(pinnedKid(jwe.protected));
        const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(jwe.iv, 'base64url'), {
          authTagLength: 16,
        });
        decipher.setAAD(additionalData(jwe.protected, context));
        decipher.setAuthTag(Buffer.from(jwe.tag, 'base64url'));
        return decipher.update(jwe.ciphertext, 'base64url', 'utf8') + decipher.final('utf8');
      } catch (error) {
        throw new TokenUndecryptableError(context.recordId, error);
      }
    },
  };
}

/** The JWE AAD input of RFC 7516 section 5.1 step 14: protected header, a dot, the encoded `aad`. */
function additionalData(header: string, context: TokenContext): Buffer {
  return Buffer.from(`${header}.${jweAad(context)}`, 'ascii');
}

/** The `aad` member that stays out of the stored JWE; with it, any JWE library opens the token. */
export function jweAad({ accountId, recordId, field }: TokenContext): string {
  return base64url(JSON.stringify([version, accountId, recordId, field]));
}

/** The only algorithms we ever wrote are the only ones we read (RFC 8725 section 3.1). */
function pinnedKid(header: string): string {
  const { alg, enc, kid } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as Record<
    string,
    unknown
  >;
  if (alg !== 'dir' || enc !== encryption || typeof kid !== 'string') {
    throw new Error('the algorithms of this JWE are not ours');
  }
  return kid;
}

function base64url(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}
