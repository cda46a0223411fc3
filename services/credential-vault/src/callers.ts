import type { CredentialVaultServiceService } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { VaultHoldsServiceService } from '@credential-renewal/proto/credential_vault/v1/vault_holds';
import type { VaultKeysServiceService } from '@credential-renewal/proto/credential_vault/v1/vault_keys';
import type { CallersOf } from '@credential-renewal/rpc';

/** Who may call what: the broker alone comes near tokens. */
export const vaultCallers: CallersOf<typeof CredentialVaultServiceService> = {
  getCredential: ['oauth-broker'],
  listGrantedScopes: ['oauth-broker'],
  readAccessToken: ['oauth-broker'],
  listDueCredentials: ['oauth-broker'],
  acquireLease: ['oauth-broker'],
  releaseLease: ['oauth-broker'],
  completeAttempt: ['oauth-broker'],
  acquireLeases: ['oauth-broker'],
  completeAttempts: ['oauth-broker'],
  reportRejectedToken: ['oauth-broker'],
  storeCandidate: ['oauth-broker'],
  readCandidate: ['oauth-broker'],
  commitCandidate: ['oauth-broker'],
  dropCandidate: ['oauth-broker'],
  listCandidates: ['oauth-broker'],
  startRevocation: ['oauth-broker'],
  listRevocations: ['oauth-broker'],
  completeRevocation: ['oauth-broker'],
};

/** `rotate-keys.ts`, which an operator runs. */
export const vaultKeysCallers: CallersOf<typeof VaultKeysServiceService> = {
  getKeys: ['operator'],
  addDataKey: ['operator'],
  rotateKeyEncryptionKey: ['operator'],
  retireDataKeys: ['operator'],
};

/** `decide-holds.ts`, which an operator runs. */
export const vaultHoldsCallers: CallersOf<typeof VaultHoldsServiceService> = {
  listHolds: ['operator'],
  decideHold: ['operator'],
};
