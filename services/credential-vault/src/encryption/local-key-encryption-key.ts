import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { KeyFileInvalidError } from '../errors.ts';
import type { KeyEncryptionKey } from './key-encryption-key.ts';

export function keyFileExists(path: string): boolean {
  return existsSync(path);
}

/**
 * Makes a new key file: 32 random bytes, base64url, readable by its owner only. Written whole beside it and linked into place: a
 * process that starts at the same moment sees no half key, and the file of the faster one stays. Never overwrites one.
 */
export function createKeyFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flush: true });
  // The mode given at creation passes through the umask; this one does not.
  chmodSync(draft, 0o600);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** A key-encryption key in a file (or a mounted Kubernetes Secret): wraps with AES-256-GCM. */
export function readLocalKeyEncryptionKey(path: string): KeyEncryptionKey {
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64url');
  if (key.length !== 32) throw new KeyFileInvalidError(path, 'it must hold 32 bytes in base64url.');
  if (process.platform !== 'win32' && (statSync(path).mode & 0o007) !== 0) {
    throw new KeyFileInvalidError(path, 'everybody can read it; set its mode to 600.');
  }
  return {
    async wrap(dataKey, context) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      cipher.setAAD(Buffer.from(context, 'utf8'));
      const wrapped = Buffer.concat([cipher.update(dataKey), cipher.final()]);
      return Buffer.concat([iv, wrapped, cipher.getAuthTag()]).toString('base64url');
    },
    async unwrap(wrapped, context) {
      const bytes = Buffer.from(wrapped, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), {
        authTagLength: 16,
      });
      decipher.setAAD(Buffer.from(context, 'utf8'));
      decipher.setAuthTag(bytes.subarray(-16));
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
    },
  };
}
