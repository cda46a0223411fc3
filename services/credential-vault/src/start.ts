import { CredentialVaultServiceService } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { VaultHoldsServiceService } from '@credential-renewal/proto/credential_vault/v1/vault_holds';
import { VaultKeysServiceService } from '@credential-renewal/proto/credential_vault/v1/vault_keys';
import { openRpcEndpoint, serve } from '@credential-renewal/rpc';
import type { ReadinessCheck } from '@credential-renewal/runtime';
import { vaultCallers, vaultHoldsCallers, vaultKeysCallers } from './callers.ts';
import type { CredentialVaultConfig } from './config.ts';
import { type CredentialVaultDeps, openVault } from './open-vault.ts';
import { createHandlers, createHoldsHandlers, createKeysHandlers } from './rpc/handlers.ts';

export type { CredentialVaultDeps };

export type RunningCredentialVault = {
  /** Where it listens; with port 0, the port that was given. */
  address: string;
  readiness: Record<string, ReadinessCheck>;
  /** Finishes running calls, publishes what it can, closes the store. */
  stop(): Promise<void>;
};

/** The vault's composition root. */
export async function startCredentialVault(
  config: CredentialVaultConfig,
  deps: CredentialVaultDeps,
): Promise<RunningCredentialVault> {
  // Ends in the reverse order of this: calls first, then the vault.
  await using starting = new AsyncDisposableStack();
  const rpc = openRpcEndpoint('credential-vault', config.rpc, deps);
  starting.defer(rpc.close);
  const { vault, holds, readiness, close } = await openVault(config, deps);
  starting.defer(close);
  const server = await rpc.serve(config.listenAddress, [
    serve(CredentialVaultServiceService, createHandlers(vault), vaultCallers),
    serve(VaultKeysServiceService, createKeysHandlers(vault), vaultKeysCallers),
    serve(VaultHoldsServiceService, createHoldsHandlers(holds), vaultHoldsCallers),
  ]);
  starting.defer(() => server.stop());
  const running = starting.move();
  return {
    address: server.address,
    readiness: { ...readiness, ...rpc.readiness },
    stop: () => running.disposeAsync(),
  };
}
