import type { ListDeletingUsesResponse_DeletingUse } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { checkInput } from '@credential-renewal/rpc';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import type { Use } from '../use.ts';

export function listDeletingUses(deps: RegistryDeps): RegistryHandler<'listDeletingUses'> {
  return async ({ limit }) => {
    checkInput((check) => check.integer('limit', limit, { min: 1, max: 1_000 }));
    const deleting = await deps.uses.listDeleting(limit);
    return { uses: await Promise.all(deleting.map((use) => describe(deps, use))) };
  };
}

async function describe(
  { uses, credentialStates }: RegistryDeps,
  use: Use,
): Promise<ListDeletingUsesResponse_DeletingUse> {
  const { id, accountId, credential } = use;
  // Read before the uses: one that is given the credential in between raises the version beyond this one.
  const state = credential && (await credentialStates.find(credential.credentialId));
  const stillUsedBy = credential
    ? await uses.listUsesOfCredential({
        accountId,
        credentialId: credential.credentialId,
        limit: 1,
      })
    : [];
  return {
    use:
      use.kind === 'source'
        ? { $case: 'sourceId', value: id }
        : { $case: 'authorizedConnectionId', value: id },
    credentialId: credential?.credentialId,
    credentialVersion: state?.version ?? 0n,
    lastUse: stillUsedBy.length === 0,
    userId: use.deleting?.userId ?? '',
  };
}
