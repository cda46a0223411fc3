import { checkInput } from '@credential-renewal/rpc';
import { CandidateNotFoundError } from '../errors.ts';
import type { VaultContext } from '../vault-context.ts';
import { candidateRecordId } from './store-candidate.ts';
import type { VaultHandlers } from './vault-handlers.ts';

export function readCandidate(vault: VaultContext): VaultHandlers['readCandidate'] {
  return async ({ transactionId }) => {
    checkInput((check) => check.id('transaction_id', transactionId));
    const candidate = await vault.candidates.find(transactionId);
    if (!candidate?.tokens) throw new CandidateNotFoundError(transactionId);
    const { accountId, credentialId, grantedScopes, tokens } = candidate;
    const accessToken = await vault.cipher.decrypt(tokens.accessToken, {
      accountId,
      recordId: candidateRecordId(transactionId),
      field: 'access_token',
    });
    return { accessToken, accountId, credentialId, scopes: grantedScopes };
  };
}
