import type { CredentialVaultServiceService } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { RpcHandlers } from '@credential-renewal/rpc';

/** One function per RPC. */
export type VaultHandlers = RpcHandlers<typeof CredentialVaultServiceService>;
