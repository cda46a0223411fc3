import { checkInput } from '@credential-renewal/rpc';
import { statusMessages } from '../credential-state.ts';
import type { VaultContext } from '../vault-context.ts';
import type { VaultHandlers } from './vault-handlers.ts';

/** As many as a page of a list can show. */
const maxCredentials = 200;

/** A read alone: nothing is decrypted, and what is asked changes no credential. */
export function listGrantedScopes(vault: VaultContext): VaultHandlers['listGrantedScopes'] {
  return async ({ accountId, credentialIds }) => {
    checkInput((check) => {
      check.id('account_id', accountId);
      check.ids('credential_ids', credentialIds, { maxCount: maxCredentials });
    });
    const found = await vault.store.findMany(credentialIds);
    return {
      grants: found
        .filter((credential) => credential.accountId === accountId)
        .map(({ id, policy, status, requiredScopes, grantedScopes }) => ({
          credentialId: id,
          providerId: policy.providerId,
          status: statusMessages[status],
          requiredScopes,
          grantedScopes,
        })),
    };
  };
}
