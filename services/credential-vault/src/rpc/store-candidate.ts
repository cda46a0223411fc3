import { checkInput } from '@credential-renewal/rpc';
import { findCredential } from '../change-credential.ts';
import { CredentialNotFoundError } from '../errors.ts';
import { sealTokens } from '../sealed-tokens.ts';
import type { VaultContext } from '../vault-context.ts';
import type { VaultHandlers } from './vault-handlers.ts';

/** What a candidate's tokens are bound to, so that they cannot be read as a credential's. */
export function candidateRecordId(transactionId: string): string {
  return `candidate:${transactionId}`;
}

export function storeCandidate(vault: VaultContext): VaultHandlers['storeCandidate'] {
  return async ({ transactionId, accountId, credentialId, tokens }) => {
    checkInput((check) => {
      check.id('transaction_id', transactionId);
      check.id('account_id', accountId);
      check.that('tokens', Boolean(tokens?.accessToken), 'must hold an access token');
    });
    if (credentialId !== undefined) {
      const credential = await findCredential(vault, credentialId);
      if (credential.accountId !== accountId) throw new CredentialNotFoundError(credentialId);
    }
    if (!tokens) return {};
    const owner = { accountId, recordId: candidateRecordId(transactionId) };
    const nowMs = vault.clock.nowMs();
    await vault.candidates.put({
      transactionId,
      accountId,
      credentialId,
      newCredentialId: vault.newId(),
      tokens: sealTokens(vault.cipher, owner, tokens, undefined, nowMs),
      grantedScopes: tokens.scopes,
      createdAtMs: nowMs,
      settled: undefined,
    });
    return {};
  };
}
