import type { Credential } from './credential.ts';
import { recordChange } from './credential-events.ts';
import { CredentialNotFoundError } from './errors.ts';
import type { VaultContext } from './vault-context.ts';

/**
 * Applies a rule to a credential in one conditional write, with the events that follow from it. The rule may run more than
 * once and answers with undefined to change nothing. Resolves when it is durable.
 */
export async function changeCredential(
  vault: VaultContext,
  credentialId: string,
  rule: (credential: Credential) => Credential | undefined,
): Promise<Credential> {
  const changed = await vault.store.update(credentialId, (before) => {
    const after = rule(before);
    return after && recordChange(before, after, vault.clock.nowMs());
  });
  if (!changed) throw new CredentialNotFoundError(credentialId);
  vault.published();
  return changed;
}

export async function findCredential(
  vault: VaultContext,
  credentialId: string,
): Promise<Credential> {
  const credential = await vault.store.find(credentialId);
  if (!credential) throw new CredentialNotFoundError(credentialId);
  return credential;
}
