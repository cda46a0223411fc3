import { checkInput } from '@credential-renewal/rpc';
import { changeCredential } from '../change-credential.ts';
import { fromActorMessage, toCredentialState } from '../credential-state.ts';
import { startRevocation as start } from '../rules/revocation.ts';
import { ruleContext, type VaultContext } from '../vault-context.ts';
import type { VaultHandlers } from './vault-handlers.ts';

export function startRevocation(vault: VaultContext): VaultHandlers['startRevocation'] {
  return async ({ credentialId, actor, seenVersion }) => {
    checkInput((check) => check.id('credential_id', credentialId));
    const credential = await changeCredential(vault, credentialId, (current) =>
      current.status === 'revoking'
        ? undefined
        : start(
            current,
            { actor: fromActorMessage(actor), seenVersion: Number(seenVersion) },
            ruleContext(vault),
          ),
    );
    return { state: toCredentialState(credential) };
  };
}
