import { checkInput } from '@credential-renewal/rpc';
import { findCredential } from '../change-credential.ts';
import { toCredentialState } from '../credential-state.ts';
import { parametersMessage } from '../provider-parameters.ts';
import { openHints } from '../sealed-tokens.ts';
import type { VaultContext } from '../vault-context.ts';
import type { VaultHandlers } from './vault-handlers.ts';

export function getCredential(vault: VaultContext): VaultHandlers['getCredential'] {
  return async ({ credentialId, withHints }) => {
    checkInput((check) => check.id('credential_id', credentialId));
    const credential = await findCredential(vault, credentialId);
    return {
      state: toCredentialState(credential),
      scopes: credential.grantedScopes,
      identityMaskedLabel: credential.identity.maskedLabel,
      identityKey: credential.identity.key,
      parameters: parametersMessage(credential),
      hints: withHints
        ? await openHints(vault.cipher, credential.tokens, {
            accountId: credential.accountId,
            recordId: credential.id,
          })
        : undefined,
      requiredScopes: credential.requiredScopes,
    };
  };
}
