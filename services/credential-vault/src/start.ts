import { CredentialVaultServiceService } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { VaultKeysServiceService } from '@credential-renewal/proto/credential_vault/v1/vault_keys';
import { createRpcServer, serve } from '@credential-renewal/rpc';
import type { ReadinessCheck } from '@credential-renewal/runtime';
import type { CredentialVaultConfig } from './config.ts';
import { type CredentialVaultDeps, openVault } from './open-vault.ts';
import { createHandlers, createKeysHandlers } from './rpc/handlers.ts';

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
  const { vault, readiness, close } = await openVault(config, deps);
  try {
    const server = await createRpcServer({
      name: 'credential-vault',
      address: config.listenAddress,
      logger: deps.logger,
      services: [
        serve(CredentialVaultServiceService, createHandlers(vault)),
        serve(VaultKeysServiceService, createKeysHandlers(vault)),
      ],
    });
    return {
      address: server.address,
      readiness,
      async stop() {
        await server.stop();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
