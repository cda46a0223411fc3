import { checkInput } from '@credential-renewal/rpc';
import { changeCredential } from '../change-credential.ts';
import { releaseLease as release } from '../rules/lease.ts';
import type { VaultContext } from '../vault-context.ts';
import type { VaultHandlers } from './vault-handlers.ts';

export function releaseLease(vault: VaultContext): VaultHandlers['releaseLease'] {
  return async ({ credentialId, owner, fence, attemptId }) => {
    checkInput((check) => {
      check.id('credential_id', credentialId);
      check.id('owner', owner);
      check.optionalId('attempt_id', attemptId);
    });
    const reference = { owner, fence: Number(fence), attemptId };
    await changeCredential(vault, credentialId, (current) => release(current, reference));
    return {};
  };
}
