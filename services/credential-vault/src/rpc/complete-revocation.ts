import { checkInput, msFromDuration } from '@credential-renewal/rpc';
import { changeCredential } from '../change-credential.ts';
import { tombstone } from '../credential-events.ts';
import { postponeRevocation } from '../rules/revocation.ts';
import { ruleContext, type VaultContext } from '../vault-context.ts';
import type { VaultHandlers } from './vault-handlers.ts';

/** Repeatable: a credential that is gone was revoked before. */
export function completeRevocation(vault: VaultContext): VaultHandlers['completeRevocation'] {
  return async ({ credentialId, outcome }) => {
    checkInput((check) => {
      check.id('credential_id', credentialId);
      check.that('outcome', outcome !== undefined, 'must be set');
    });
    if (outcome?.$case === 'postponed') {
      const retryAfterMs = outcome.value.retryAfter && msFromDuration(outcome.value.retryAfter);
      await changeCredential(vault, credentialId, (current) =>
        current.status === 'revoking'
          ? postponeRevocation(current, retryAfterMs, ruleContext(vault))
          : undefined,
      );
      return {};
    }
    const credential = await vault.store.find(credentialId);
    if (credential?.status === 'revoking') {
      await vault.store.remove(credential.id, credential.version, [
        tombstone(credential, vault.clock.nowMs()),
      ]);
      vault.published();
    }
    return {};
  };
}
