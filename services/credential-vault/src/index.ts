export { vaultCallers, vaultHoldsCallers, vaultKeysCallers } from './callers.ts';
export { type CredentialVaultConfig, readCredentialVaultConfig } from './config.ts';
export { openVault } from './open-vault.ts';
export { createHandlers } from './rpc/handlers.ts';
export {
  type CredentialVaultDeps,
  type RunningCredentialVault,
  startCredentialVault,
} from './start.ts';
