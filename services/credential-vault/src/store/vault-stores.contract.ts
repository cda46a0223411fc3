import { candidateStoreContract } from './candidate-store.contract.ts';
import { credentialStoreContract } from './credential-store.contract.ts';
import { dataKeyStoreContract } from './data-key-store.contract.ts';
import type { VaultStores } from './open-vault-stores.ts';
import { outageStoreContract } from './outage-store.contract.ts';

/** An empty database of one engine. */
export type EmptyVault = {
  /** Opens it, again after a close. */
  open(): Promise<VaultStores>;
  /** Removes the data. */
  dispose(): Promise<void>;
};

/** What the vault's stores promise, for any engine. */
export function vaultStoresContract(makeEmpty: () => Promise<EmptyVault>): void {
  credentialStoreContract(makeEmpty);
  candidateStoreContract(makeEmpty);
  dataKeyStoreContract(makeEmpty);
  outageStoreContract(makeEmpty);
}
