import { randomBytes } from 'node:crypto';
import { KeyMismatchError, KeyMissingError } from '../errors.ts';
import type { DataKeyStore } from '../store/data-key-store.ts';
import type { KeyEncryptionKey } from './key-encryption-key.ts';
import {
  createKeyFile,
  keyFileExists,
  readLocalKeyEncryptionKey,
} from './local-key-encryption-key.ts';

/** The data keys, unwrapped. The newest encrypts; all decrypt. */
export type Keyring = {
  current(): { kid: string; key: Uint8Array };
  /** Throws for a key that was never ours. */
  find(kid: string): Uint8Array;
};

/** The same for every replica, so that of several that start at once on an empty store one makes the key and all use it. */
const firstKid = 'key-1';

/**
 * Opens the vault's data keys with the key file, and makes both at the very first start. A key that is lost or does not fit is told
 * here, at start, and never at the first read; nothing is overwritten.
 */
export async function openKeyring(options: {
  keyFile: string;
  dataKeys: DataKeyStore;
  nowMs: number;
}): Promise<Keyring> {
  const { keyFile, dataKeys } = options;
  const before = await dataKeys.list();
  if (!keyFileExists(keyFile)) {
    if (before.length > 0) throw new KeyMissingError(keyFile);
    createKeyFile(keyFile);
  }
  const outer = readLocalKeyEncryptionKey(keyFile);
  if (before.length === 0) await addFirstKey(dataKeys, outer, options.nowMs);

  // What is stored counts, also where another replica was faster.
  const stored = before.length > 0 ? before : await dataKeys.list();
  const keys = new Map<string, Uint8Array>();
  for (const { kid, wrapped } of stored) {
    const key = await outer.unwrap(wrapped, kid).catch(() => {
      throw new KeyMismatchError(keyFile);
    });
    keys.set(kid, key);
  }
  const newest = stored.at(-1);
  if (!newest) throw new Error('the store does not return the data key that was added');
  return createKeyring(keys, newest.kid);
}

async function addFirstKey(
  dataKeys: DataKeyStore,
  outer: KeyEncryptionKey,
  nowMs: number,
): Promise<void> {
  const wrapped = await outer.wrap(randomBytes(32), firstKid);
  await dataKeys.add({ kid: firstKid, wrapped, createdAtMs: nowMs });
}

export function createKeyring(keys: ReadonlyMap<string, Uint8Array>, currentKid: string): Keyring {
  const find = (kid: string) => {
    const key = keys.get(kid);
    if (!key) throw new Error(`there is no data key ${kid}`);
    return key;
  };
  return { find, current: () => ({ kid: currentKid, key: find(currentKid) }) };
}
