import { rotateKeyEncryptionKey as rotate } from '../rotation/rotate-key-encryption-key.ts';
import type { VaultContext } from '../vault-context.ts';
import type { VaultKeysHandlers } from './vault-handlers.ts';

export function rotateKeyEncryptionKey(
  vault: VaultContext,
): VaultKeysHandlers['rotateKeyEncryptionKey'] {
  return async () => {
    const rotation = await rotate(vault.keys);
    // Tells now, and not at the next start, if this replica could not open what it has just written.
    await vault.keys.keyring.reload();
    return rotation;
  };
}
