import { checkInput } from '@credential-renewal/rpc';
import type { VaultContext } from '../vault-context.ts';
import type { VaultHandlers } from './vault-handlers.ts';

export function dropCandidate(vault: VaultContext): VaultHandlers['dropCandidate'] {
  return async ({ transactionId }) => {
    checkInput((check) => check.id('transaction_id', transactionId));
    await vault.candidates.drop(transactionId);
    return {};
  };
}
