import type { DataKey } from '@credential-renewal/proto/credential_vault/v1/vault_keys';
import type { StoredDataKey } from '../store/data-key-store.ts';
import type { VaultContext } from '../vault-context.ts';
import type { VaultKeysHandlers } from './vault-handlers.ts';

const most = 100_000;

export function getKeys(vault: VaultContext): VaultKeysHandlers['getKeys'] {
  return async () => {
    const { dataKeys, outer, keyring } = vault.keys;
    const stored = await dataKeys.list();
    const newest = stored.at(-1)?.kid ?? '';
    return {
      dataKeys: stored.map((key) => toMessage(key, key.kid === newest, outer.versionOf)),
      keyEncryptionKey: outer.place,
      recordsToMove: await vault.store.countOlderDataKey(newest, most),
      authorizationsToEnd: await vault.candidates.countOlderDataKey(newest, most),
      problem: keyring.problem() ?? '',
    };
  };
}

function toMessage(
  { kid, wrapped, createdAtMs, retiredAtMs }: StoredDataKey,
  current: boolean,
  versionOf: (wrapped: string) => string,
): DataKey {
  return {
    kid,
    createdAt: new Date(createdAtMs),
    retiredAt: retiredAtMs === undefined ? undefined : new Date(retiredAtMs),
    current,
    wrappedBy: versionOf(wrapped),
  };
}
