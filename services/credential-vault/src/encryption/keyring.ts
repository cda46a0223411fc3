import { randomBytes } from 'node:crypto';
import { KeyMismatchError, KeyMissingError } from '../errors.ts';
import type { DataKeyStore } from '../store/data-key-store.ts';
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

/**
 * Opens the vault's data keys with the key file, and makes both at the very first start. A key that is lost or does not fit is told
 * here, at start, and never at the first read; nothing is overwritten.
 */
export async function openKeyring(options: {
  keyFile: string;
  dataKeys: DataKeyStore;
  nowMs: number;
  newId: () => string;
}): Promise<Keyring> {
  const { keyFile, dataKeys } = options;
  const stored = await dataKeys.list();
  if (!keyFileExists(keyFile)) {
    if (stored.length > 0) throw new KeyMissingError(keyFile);
    createKeyFile(keyFile);
  }
  const outer = readLocalKeyEncryptionKey(keyFile);

  const keys = new Map<string, Uint8Array>();
  for (const { kid, wrapped } of stored) {
    const key = await outer.unwrap(wrapped, kid).catch(() => {
      throw new KeyMismatchError(keyFile);
    });
    keys.set(kid, key);
  }
  let newest = stored.at(-1)?.kid;
  if (newest === undefined) {
    newest = options.newId();
    const key = randomBytes(32);
    await dataKeys.add({
      kid: newest,
      wrapped: await outer.wrap(key, newest),
      createdAtMs: options.nowMs,
    });
    keys.set(newest, key);
  }
  return createKeyring(keys, newest);
}

export function createKeyring(keys: ReadonlyMap<string, Uint8Array>, currentKid: string): Keyring {
  const find = (kid: string) => {
    const key = keys.get(kid);
    if (!key) throw new Error(`there is no data key ${kid}`);
    return key;
  };
  return { find, current: () => ({ kid: currentKid, key: find(currentKid) }) };
}
