import type { Logger } from '@credential-renewal/runtime';
import type { DataKeyStore } from '../store/data-key-store.ts';
import { addDataKey } from './add-data-key.ts';
import type { KeyEncryptionKey } from './key-encryption-key.ts';
import { createKeyring, type Keyring } from './keyring.ts';

/**
 * Opens the vault's data keys with the outer key, and makes both at the very first start. A key that is lost or does not fit is told
 * here, at start, and never at the first read; nothing is overwritten. Of replicas that start at once on an empty store one makes the
 * data key, and all use it.
 */
export async function openKeyring(options: {
  dataKeys: DataKeyStore;
  outer: KeyEncryptionKey;
  nowMs: number;
  newKid: (createdAtMs: number) => string;
  logger: Logger;
}): Promise<Keyring> {
  const { dataKeys, outer, logger } = options;
  if ((await dataKeys.list()).length === 0) {
    await outer.prepare?.();
    // Not added: another replica was faster, and its key is found below.
    await addDataKey(undefined, options);
  }
  for (const { kid, wrapped } of await dataKeys.list()) {
    const key = await outer.unwrap(wrapped, kid);
    key.fill(0);
  }
  const keyring = createKeyring({ dataKeys, outer, logger });
  await keyring.reload();
  return keyring;
}
