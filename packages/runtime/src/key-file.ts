import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

const keyBytes = 32;

export type KeyFileOptions = {
  path: string;
  /** The error of a key that cannot be used, from what is wrong with it; it names the setting. */
  unfit: (problem: string) => Error;
  /** The directory is made too; else one that is missing is told. */
  makeDirectory?: boolean;
};

/**
 * Reads a key of exactly 32 bytes. At the first start it is made, with mode 600. Anything else in its place is told by `unfit` and never
 * overwritten.
 */
export async function loadKeyFile(options: KeyFileOptions): Promise<Uint8Array> {
  const existing = await readKey(options);
  if (existing) return existing;
  await createKey(options);
  const created = await readKey(options);
  if (!created) throw options.unfit('cannot be created');
  return created;
}

async function readKey({ path, unfit }: KeyFileOptions): Promise<Uint8Array | undefined> {
  let key: Buffer;
  try {
    key = await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unfit(`cannot be read (${codeOf(error)})`);
  }
  if (key.length !== keyBytes) throw unfit(`must hold ${keyBytes} bytes, but holds ${key.length}`);
  return key;
}

/** Written whole beside it and linked into place, so that a crash leaves no half key and a second process keeps the first's. */
async function createKey({ path, unfit, makeDirectory }: KeyFileOptions): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    if (makeDirectory) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
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
    throw unfit(`cannot be created (${codeOf(error)})`);
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? 'unknown';
}
