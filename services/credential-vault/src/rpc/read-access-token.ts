import { checkInput, durationFromMs } from '@credential-renewal/rpc';
import { findCredential } from '../change-credential.ts';
import { toCredentialState } from '../credential-state.ts';
import { CredentialExpiredError, CredentialRevokingError } from '../errors.ts';
import { keptFor } from '../provider-parameters.ts';
import { reasonText } from '../reason-text.ts';
import type { VaultContext } from '../vault-context.ts';
import type { VaultHandlers } from './vault-handlers.ts';

/** The hot path: one read, no write. A dead credential's token is never handed out, however long it would still live. */
export function readAccessToken(vault: VaultContext): VaultHandlers['readAccessToken'] {
  return async ({ credentialId }) => {
    checkInput((check) => check.id('credential_id', credentialId));
    const credential = await findCredential(vault, credentialId);
    if (credential.status === 'revoking') throw new CredentialRevokingError(credentialId);
    if (credential.status === 'expired')
      throw new CredentialExpiredError(credentialId, reasonText(credential));
    const { accountId, tokens, reported } = credential;
    const { accessExpiresAtMs } = tokens;
    return {
      accessToken: await vault.cipher.decrypt(tokens.accessToken, {
        accountId,
        recordId: credentialId,
        field: 'access_token',
      }),
      tokenHash: tokens.accessTokenHash,
      expiresIn:
        accessExpiresAtMs === undefined
          ? undefined
          : durationFromMs(Math.max(0, accessExpiresAtMs - vault.clock.nowMs())),
      accountId,
      state: toCredentialState(credential),
      rejected: reported?.tokenHash === tokens.accessTokenHash,
      kept: keptFor(credential),
    };
  };
}
