import { randomBytes, randomUUID } from 'node:crypto';
import { link, open, readFile, unlink } from 'node:fs/promises';
import { SessionKeyUnfitError } from '../errors.ts';

const keyBytes = 32;

/**
 * Reads the key that seals cookies: exactly 32 bytes. At the first start it is made, with mode 600. Anything else in its
 * place is told (SessionKeyUnfitError) and never overwritten.
 */
export async function loadSessionKey(path: string): Promise<Uint8Array> {
  const existing = await readKey(path);
  if (existing) return existing;
  await createKey(path);
  const created = await readKey(path);
  if (!created) throw new SessionKeyUnfitError(path, 'cannot be created');
  return created;
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  let key: Buffer;
  try {
    key = await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new SessionKeyUnfitError(path, `cannot be read (${codeOf(error)})`);
  }
  if (key.length !== keyBytes)
    throw new SessionKeyUnfitError(path, `must hold ${keyBytes} bytes, but holds ${key.length}`);
  return key;
}

/** Written whole beside it and linked into place, so that a crash leaves no half key and a second process keeps the first's. */
async function createKey(path: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.write(randomBytes(keyBytes));
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    await unlink(draft);
  } catch (error) {
    throw new SessionKeyUnfitError(path, `cannot be created (${codeOf(error)})`);
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? 'unknown';
}
