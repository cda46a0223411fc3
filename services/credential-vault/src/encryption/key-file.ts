import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { KeyFileInvalidError } from '../errors.ts';

/** A key and its name, which follows from it: whoever copies a line into another file cannot mix names up. */
export type FileKey = { id: string; key: Buffer };

const keyBytes = 32;

export function keyFileExists(path: string): boolean {
  return existsSync(path);
}

/**
 * The keys of a file, oldest first: 32 random bytes in base64url on each line; what begins with `#` is a comment. The
 * caller overwrites them with zeros when it is done. Throws KeyFileInvalidError.
 */
export function readKeyFile(path: string): FileKey[] {
  const lines = readText(path)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const keys = lines.map((line) => Buffer.from(line, 'base64url'));
  if (keys.length === 0 || keys.some(({ length }) => length !== keyBytes)) {
    throw new KeyFileInvalidError(
      path,
      'it must hold 32 bytes in base64url, one key on a line, the newest last.',
    );
  }
  if (process.platform !== 'win32' && (statSync(path).mode & 0o007) !== 0) {
    throw new KeyFileInvalidError(path, 'everybody can read it; set its mode to 600.');
  }
  return keys.map((key) => ({ id: keyId(key), key }));
}

/** Makes a new key file, readable by its owner only, unless there is one: of two replicas that do so at once, one wins. */
export function createKeyFile(path: string): void {
  explainWriting(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const draft = `${path}.${randomUUID()}`;
    try {
      writeDurably(draft, 'wx', `${newKey()}\n`);
      // Nobody ever sees it half written, and one that is there is never overwritten.
      linkSync(draft, path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  });
}

/** Adds a key, which wraps from now on. In one appended piece, so that two commands at once add two keys and lose none. */
export function appendKey(path: string): void {
  explainWriting(path, () => {
    // Only to one that is a key file: opening for appending would make one.
    for (const { key } of readKeyFile(path)) key.fill(0);
    writeDurably(path, 'a', `\n${newKey()}\n`);
  });
}

function keyId(key: Buffer): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 12);
}

function newKey(): string {
  return randomBytes(keyBytes).toString('base64url');
}

function writeDurably(path: string, flag: 'wx' | 'a', text: string): void {
  const file = openSync(path, flag, 0o600);
  try {
    // The mode given at creation passes through the umask; this one does not.
    if (flag === 'wx') fchmodSync(file, 0o600);
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new KeyFileInvalidError(path, `it cannot be read (${codeOf(error)}).`);
  }
}

function explainWriting(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (error instanceof KeyFileInvalidError) throw error;
    throw new KeyFileInvalidError(
      path,
      `it cannot be written (${codeOf(error)}). Where it is mounted from elsewhere, add a line with 32 random bytes in base64url there.`,
    );
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
