import type { RetireDataKeysResponse_Retirement } from '@credential-renewal/proto/credential_vault/v1/vault_keys';
import { type Retirement, retireDataKeys as retire } from '../rotation/retire-data-keys.ts';
import type { VaultContext } from '../vault-context.ts';
import type { VaultKeysHandlers } from './vault-handlers.ts';

export function retireDataKeys(vault: VaultContext): VaultKeysHandlers['retireDataKeys'] {
  return async () => {
    const { candidates, store, keys } = vault;
    const stores = { dataKeys: keys.dataKeys, credentials: store, candidates };
    const retirements = await retire(stores, vault.clock.nowMs());
    await keys.keyring.reload();
    return { retirements: retirements.map(toMessage) };
  };
}

function toMessage(retirement: Retirement): RetireDataKeysResponse_Retirement {
  const { kid } = retirement;
  switch (retirement.state) {
    case 'in_use':
      return { kid, state: { $case: 'inUse', value: {} } };
    case 'waiting': {
      const removableAt = new Date(retirement.removableAtMs);
      return { kid, state: { $case: 'waiting', value: { removableAt } } };
    }
    case 'removed':
      return { kid, state: { $case: 'removed', value: {} } };
    default:
      return retirement satisfies never;
  }
}
