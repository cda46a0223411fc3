import type { CredentialVaultServiceService } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { RpcClient } from '@credential-renewal/rpc';

/** The services that the broker calls. */
export type VaultClient = RpcClient<typeof CredentialVaultServiceService>;
export type RegistryClient = RpcClient<typeof SourceRegistryServiceService>;
