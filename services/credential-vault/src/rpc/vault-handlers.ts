import type { CredentialVaultServiceService } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { VaultHoldsServiceService } from '@credential-renewal/proto/credential_vault/v1/vault_holds';
import type { VaultKeysServiceService } from '@credential-renewal/proto/credential_vault/v1/vault_keys';
import type { RpcHandlers } from '@credential-renewal/rpc';

/** One function per RPC. */
export type VaultHandlers = RpcHandlers<typeof CredentialVaultServiceService>;
export type VaultKeysHandlers = RpcHandlers<typeof VaultKeysServiceService>;
export type VaultHoldsHandlers = RpcHandlers<typeof VaultHoldsServiceService>;
