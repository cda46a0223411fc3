import {
  createCipheriv,
  createDecipheriv,
  createHash,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import {
  DataKeyUnknownError,
  TokenMalformedError,
  TokenMovedError,
  TokenTamperedError,
  TokenUnreadableError,
} from '../errors.ts';
import type { Keyring } from './keyring.ts';
import { dataKeyOf, readJweHeader, type StoredJwe } from './stored-jwe.ts';

/** Where a token belongs. A record copied onto another record's id, account or field does not decrypt. */
export type TokenContext = {
  accountId: string;
  recordId: string;
  field: 'access_token' | 'refresh_token' | 'hints';
};

export type TokenCipher = {
  /** Under the newest data key. Throws DataKeysUnavailableError. */
  encrypt(token: string, context: TokenContext): StoredJwe;
  /** Rejects with a TokenUnreadableError that names what is wrong; the record stays as it is. */
  decrypt(jwe: StoredJwe, context: TokenContext): Promise<string>;
  /** The same token under the newest data key; the very same object where it is already, or where it cannot be opened. */
  renew(jwe: StoredJwe, context: TokenContext): StoredJwe;
};

const encryption = 'A256GCM';
const version = 'v1';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts tokens as standard JWE (`alg: dir`, `enc: A256GCM`, `kid`: the data key). node:crypto writes them because it
 * is several times faster than an asynchronous library and works inside a synchronous store transaction; the tests hold
 * it to what `jose` reads and writes. `unreadable` hears of each token that does not open.
 */
export function createTokenCipher(
  keyring: Keyring,
  unreadable: (error: TokenUnreadableError, context: TokenContext) => void,
): TokenCipher {
  const encrypt: TokenCipher['encrypt'] = (token, context) => {
    const { kid, key } = keyring.current();
    const header = base64url(
      JSON.stringify({ alg: 'dir', enc: encryption, kid, ctx: fingerprint(context) }),
    );
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    cipher.setAAD(additionalData(header, context));
    const ciphertext = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
    return {
      protected: header,
      iv: iv.toString('base64url'),
      ciphertext: ciphertext.toString('base64url'),
      tag: cipher.getAuthTag().toString('base64url'),
    };
  };

  return {
    encrypt,
    async decrypt(jwe, context) {
      try {
        const kid = checkedKid(jwe, context);
        await keyring.look(kid);
        // Asked for after the wait, so that nothing can have happened to it since.
        const key = keyring.known(kid);
        if (!key) throw new DataKeyUnknownError(context.recordId, kid);
        return open(jwe, key, context);
      } catch (error) {
        if (error instanceof TokenUnreadableError) unreadable(error, context);
        throw error;
      }
    },
    renew(jwe, context) {
      const kid = dataKeyOf(jwe);
      const key = kid === keyring.current().kid ? undefined : keyring.known(kid);
      if (!key) return jwe;
      try {
        return encrypt(open(jwe, key, context), context);
      } catch (error) {
        // Whoever reads it is told; it is kept as it is.
        if (error instanceof TokenUnreadableError) return jwe;
        throw error;
      }
    },
  };
}

function open(jwe: StoredJwe, key: KeyObject, context: TokenContext): string {
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(jwe.iv, 'base64url'), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(additionalData(jwe.protected, context));
  decipher.setAuthTag(Buffer.from(jwe.tag, 'base64url'));
  try {
    return decipher.update(jwe.ciphertext, 'base64url', 'utf8') + decipher.final('utf8');
  } catch (error) {
    const { ctx } = readJweHeader(jwe);
    const moved = ctx !== undefined && ctx !== fingerprint(context);
    throw moved
      ? new TokenMovedError(context.recordId, error)
      : new TokenTamperedError(context.recordId, error);
  }
}

/**
 * The `kid` of a JWE that has all its parts, in the only algorithms that we ever wrote (RFC 8725 section 3.1). Throws
 * TokenMalformedError before any key is used.
 */
function checkedKid(jwe: StoredJwe, { recordId }: TokenContext): string {
  const { alg, enc, kid } = readJweHeader(jwe);
  if (alg !== 'dir' || enc !== encryption || typeof kid !== 'string' || kid === '') {
    throw new TokenMalformedError(recordId, 'its header is cut short or not ours');
  }
  const lengthOf = (part: unknown) =>
    typeof part === 'string' ? Buffer.from(part, 'base64url').length : -1;
  if (
    lengthOf(jwe.iv) !== ivBytes ||
    lengthOf(jwe.tag) !== tagBytes ||
    lengthOf(jwe.ciphertext) < 0
  ) {
    throw new TokenMalformedError(recordId, 'a part of it is cut short or missing');
  }
  return kid;
}

/** The JWE AAD input of RFC 7516 section 5.1 step 14: protected header, a dot, the encoded `aad`. */
function additionalData(header: string, context: TokenContext): Buffer {
  return Buffer.from(`${header}.${jweAad(context)}`, 'ascii');
}

/** The `aad` member that stays out of the stored JWE; with it, any JWE library opens the token. */
export function jweAad({ accountId, recordId, field }: TokenContext): string {
  return base64url(JSON.stringify([version, accountId, recordId, field]));
}

/**
 * A private header parameter (RFC 7516 section 4.3) that tells a token in the wrong place from a damaged one. It protects
 * nothing: that is what the additional data are for.
 */
function fingerprint(context: TokenContext): string {
  return createHash('sha256').update(jweAad(context)).digest('base64url').slice(0, 12);
}

function base64url(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}
