import type { ListRevocationsResponse_Revocation } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { checkInput } from '@credential-renewal/rpc';
import type { Credential } from '../credential.ts';
import { TokenUnreadableError } from '../errors.ts';
import { claimRevocation } from '../rules/revocation.ts';
import type { VaultContext } from '../vault-context.ts';
import type { VaultHandlers } from './vault-handlers.ts';

export function listRevocations(vault: VaultContext): VaultHandlers['listRevocations'] {
  return async ({ limit }) => {
    checkInput((check) => check.integer('limit', limit, { min: 1, max: 1_000 }));
    const { undecryptable } = vault;
    const due = await vault.store.listRevocations(
      vault.clock.nowMs(),
      limit + undecryptable.size(),
    );
    const readable = due.filter(({ id }) => !undecryptable.has(id)).slice(0, limit);
    const claimed = await Promise.all(readable.map((credential) => claim(vault, credential)));
    return { revocations: claimed.filter((revocation) => revocation !== undefined) };
  };
}

/** Of brokers that list at the same time one gets it; one that cannot be opened waits, untouched, and holds up no other. */
async function claim(
  vault: VaultContext,
  credential: Credential,
): Promise<ListRevocationsResponse_Revocation | undefined> {
  try {
    const revocation = await toRevocation(vault, credential);
    let isOurs = false;
    await vault.store.update(credential.id, (before) => {
      const after = claimRevocation(before, vault.clock.nowMs());
      // The last run is the one that was written.
      isOurs = after !== undefined;
      return after && { credential: after, events: [] };
    });
    return isOurs ? revocation : undefined;
  } catch (error) {
    if (error instanceof TokenUnreadableError) return undefined;
    throw error;
  }
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
        token: await vault.cipher.decrypt(tokens.refreshToken, {
          ...owner,
          field: 'refresh_token',
        }),
        tokenTypeHint: 'refresh_token',
      }
    : {
        ...named,
        token: await vault.cipher.decrypt(tokens.accessToken, { ...owner, field: 'access_token' }),
        tokenTypeHint: 'access_token',
      };
}
