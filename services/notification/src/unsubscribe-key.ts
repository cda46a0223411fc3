import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UnsubscribeKeyUnfitError } from './errors.ts';

const keyBytes = 32;

/**
 * Reads the key that signs the links of reminders: exactly 32 bytes. At the first start it is made, with mode 600. Anything else in
 * its place is told (UnsubscribeKeyUnfitError) and never overwritten.
 */
export async function loadUnsubscribeKey(path: string): Promise<Uint8Array> {
  const existing = await readKey(path);
  if (existing) return existing;
  await createKey(path);
  const created = await readKey(path);
  if (!created) throw new UnsubscribeKeyUnfitError(path, 'cannot be created');
  return created;
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  let key: Buffer;
  try {
    key = await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new UnsubscribeKeyUnfitError(path, `cannot be read (${codeOf(error)})`);
  }
  if (key.length !== keyBytes) {
    const problem = `must hold ${keyBytes} bytes, but holds ${key.length}`;
    throw new UnsubscribeKeyUnfitError(path, problem);
  }
  return key;
}

/** Written whole beside it and linked into place, so that a crash leaves no half key and a second replica keeps the first's. */
async function createKey(path: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
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
    throw new UnsubscribeKeyUnfitError(path, `cannot be created (${codeOf(error)})`);
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? 'unknown';
}
