import { addDataKey as add } from '../encryption/add-data-key.ts';
import type { VaultContext } from '../vault-context.ts';
import type { VaultKeysHandlers } from './vault-handlers.ts';

export function addDataKey(vault: VaultContext): VaultKeysHandlers['addDataKey'] {
  return async ({ evenIfUnfinished }) => {
    const { dataKeys, keyring } = vault.keys;
    const newest = (await dataKeys.list()).at(-1);
    if (newest && !evenIfUnfinished && (await vault.store.countOlderDataKey(newest.kid, 1)) > 0) {
      vault.wakeKeySweep();
      return { kid: newest.kid, added: false };
    }
    const added = await add(newest, { ...vault.keys, nowMs: vault.clock.nowMs() });
    await keyring.reload();
    vault.wakeKeySweep();
    return { kid: keyring.current().kid, added: added !== undefined };
  };
}
