import { Actor_Kind } from '@credential-renewal/proto/events/v1/credential';
import type { ListDeletingUsesResponse_DeletingUse as DeletingUse } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { DomainError } from '@credential-renewal/runtime';
import type { BrokerContext } from '../broker-context.ts';

/**
 * Lets a use go that the registry marked `deleting`: its last one puts the credential into revocation first, so the tokens are
 * not lost before the provider has confirmed (semantics 22). May be done again after a crash at any point.
 */
export async function finishDeletion(broker: BrokerContext, deleting: DeletingUse): Promise<void> {
  const { use, credentialId } = deleting;
  if (use?.$case === 'sourceId') broker.targets.dropSource(use.value);
  if (credentialId !== undefined && deleting.lastUse) {
    if (!(await startRevocation(broker, credentialId, deleting))) return;
    broker.targets.dropCredential(credentialId);
    broker.revocationDue();
  }
  try {
    await broker.registry.completeDeletion({ use });
  } catch (error) {
    if (!(error instanceof DomainError) || error.kind !== 'not_found') throw error;
  }
}

/** False: something has just been authorized with the credential, so the sweep asks again who uses it. */
async function startRevocation(
  broker: BrokerContext,
  credentialId: string,
  { userId, credentialVersion }: DeletingUse,
): Promise<boolean> {
  try {
    const { state } = await broker.vault.startRevocation({
      credentialId,
      actor: { kind: Actor_Kind.USER, id: userId },
      seenVersion: credentialVersion,
    });
    if (state) broker.tokens.drop(credentialId, state.version);
    return true;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code === 'CREDENTIAL_IN_USE') return false;
    if (error.kind !== 'not_found') throw error;
    return true;
  }
}
