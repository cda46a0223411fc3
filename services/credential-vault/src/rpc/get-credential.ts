import { checkInput } from '@credential-renewal/rpc';
import { findCredential } from '../change-credential.ts';
import { toCredentialState } from '../credential-state.ts';
import type { VaultContext } from '../vault-context.ts';
import type { VaultHandlers } from './vault-handlers.ts';

export function getCredential(vault: VaultContext): VaultHandlers['getCredential'] {
  return async ({ credentialId }) => {
    checkInput((check) => check.id('credential_id', credentialId));
    const credential = await findCredential(vault, credentialId);
    return {
      state: toCredentialState(credential),
      scopes: credential.grantedScopes,
      identityMaskedLabel: credential.identity.maskedLabel,
      identityKey: credential.identity.key,
      requiredScopes: credential.requiredScopes,
    };
  };
}
