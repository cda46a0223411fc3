import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { KeyMismatchError, KeyMissingError } from '../errors.ts';
import type { KeyEncryptionKey } from './key-encryption-key.ts';
import { appendKey, createKeyFile, type FileKey, keyFileExists, readKeyFile } from './key-file.ts';

const prefix = 'local';
const ivBytes = 12;
const tagBytes = 16;

/**
 * A key-encryption key in a file (or a mounted Kubernetes Secret): wraps with AES-256-GCM as `local:<key id>:<iv, ciphertext, tag>`. The file
 * is read at each use, which is rare: a line that was added counts at once, and the key does not stay in memory.
 */
export function createLocalKeyEncryptionKey(path: string): KeyEncryptionKey {
  const place = `The key file ${path}`;

  function withKeys<T>(work: (keys: readonly FileKey[], newest: FileKey) => T): T {
    if (!keyFileExists(path)) throw new KeyMissingError(place);
    const keys = readKeyFile(path);
    try {
      return work(keys, keys.at(-1) as FileKey);
    } finally {
      for (const { key } of keys) key.fill(0);
    }
  }

  return {
    place,
    wrap: async (dataKey, context) =>
      withKeys((_, { id, key }) => `${prefix}:${id}:${seal(key, dataKey, context)}`),
    unwrap: async (wrapped, context) =>
      withKeys((keys) => {
        const { id, sealed } = parse(wrapped);
        // A file of one key had no ids at first, so what was wrapped then names none.
        const candidates = id === undefined ? keys : keys.filter((key) => key.id === id);
        for (const { key } of candidates) {
          const dataKey = open(key, sealed, context);
          if (dataKey) return dataKey;
        }
        throw new KeyMismatchError(place, context);
      }),
    versionOf: (wrapped) => parse(wrapped).id ?? '',
    makeNewer: async () => appendKey(path),
    prepare: async () => {
      if (!keyFileExists(path)) createKeyFile(path);
    },
  };
}

function parse(wrapped: string): { id: string | undefined; sealed: string } {
  const [kind, id, sealed] = wrapped.split(':');
  if (kind === prefix && id && sealed) return { id, sealed };
  return { id: undefined, sealed: wrapped };
}

function seal(key: Uint8Array, dataKey: Uint8Array, context: string): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(context, 'utf8'));
  const ciphertext = Buffer.concat([cipher.update(dataKey), cipher.final()]);
  return Buffer.concat([iv, ciphertext, cipher.getAuthTag()]).toString('base64url');
}

/** Undefined: it was sealed with another key or for another context, or is damaged. */
function open(key: Uint8Array, sealed: string, context: string): Uint8Array | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length <= ivBytes + tagBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(context, 'utf8'));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes, -tagBytes)), decipher.final()]);
  } catch {
    return undefined;
  }
}
