import type { Logger } from '@credential-renewal/runtime';
import { createPeriodic, type Periodic, uuidv7 } from '@credential-renewal/runtime';
import type { KeyEncryptionKey } from './encryption/key-encryption-key.ts';
import type { KeySettings } from './encryption/key-settings.ts';
import type { Keyring } from './encryption/keyring.ts';
import { openKeyEncryptionKey } from './encryption/open-key-encryption-key.ts';
import { openKeyring } from './encryption/open-keyring.ts';
import type { DataKeyStore } from './store/data-key-store.ts';

/** The vault's keys: where data keys are stored, what wraps them, and those that are open. */
export type VaultKeys = {
  dataKeys: DataKeyStore;
  outer: KeyEncryptionKey;
  keyring: Keyring;
  newKid: (createdAtMs: number) => string;
};

/** Opens them, or throws what is wrong with them. */
export async function openVaultKeys(
  settings: KeySettings,
  deps: { dataKeys: DataKeyStore; nowMs: number; logger: Logger },
): Promise<VaultKeys> {
  const outer = openKeyEncryptionKey(settings);
  const newKid = uuidv7;
  const keyring = await openKeyring({ ...deps, outer, newKid });
  return { dataKeys: deps.dataKeys, outer, keyring, newKid };
}

const reloadIntervalMs = 30_000;

/** Keeps up with what other replicas and the operator do to the keys. */
export function createKeyReload({ keyring }: VaultKeys, logger: Logger): Periodic {
  return createPeriodic({
    name: 'data keys',
    intervalMs: reloadIntervalMs,
    logger,
    run: () => keyring.reload(),
  });
}
