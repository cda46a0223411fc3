import type { ListRevocationsResponse_Revocation } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { checkInput } from '@credential-renewal/rpc';
import type { Credential } from '../credential.ts';
import { claimRevocation } from '../rules/revocation.ts';
import type { VaultContext } from '../vault-context.ts';
import type { VaultHandlers } from './vault-handlers.ts';

export function listRevocations(vault: VaultContext): VaultHandlers['listRevocations'] {
  return async ({ limit }) => {
    checkInput((check) => check.integer('limit', limit, { min: 1, max: 1_000 }));
    const due = await vault.store.listRevocations(vault.clock.nowMs(), limit);
    const claimed = await Promise.all(due.map(({ id }) => claim(vault, id)));
    const ours = claimed.filter((credential) => credential !== undefined);
    return {
      revocations: await Promise.all(ours.map((credential) => toRevocation(vault, credential))),
    };
  };
}

/** Of brokers that list at the same time one gets it. */
async function claim(vault: VaultContext, credentialId: string): Promise<Credential | undefined> {
  let isOurs = false;
  const credential = await vault.store.update(credentialId, (before) => {
    const after = claimRevocation(before, vault.clock.nowMs());
    // The last run is the one that was written.
    isOurs = after !== undefined;
    return after && { credential: after, events: [] };
  });
  return isOurs ? credential : undefined;
}

/** Without a token where another credential lives on the same grant: revoking one would end them all (semantics 22). */
async function toRevocation(
  vault: VaultContext,
  credential: Credential,
): Promise<ListRevocationsResponse_Revocation> {
  const { id, accountId, policy, tokens } = credential;
  const named = { credentialId: id, providerId: policy.providerId, clientId: policy.clientId };
  if (await vault.store.grantIsShared(credential))
    return { ...named, token: undefined, tokenTypeHint: '' };
  const owner = { accountId, recordId: id };
  return tokens.refreshToken
    ? {
        ...named,
        token: vault.cipher.decrypt(tokens.refreshToken, { ...owner, field: 'refresh_token' }),
        tokenTypeHint: 'refresh_token',
      }
    : {
        ...named,
        token: vault.cipher.decrypt(tokens.accessToken, { ...owner, field: 'access_token' }),
        tokenTypeHint: 'access_token',
      };
}
