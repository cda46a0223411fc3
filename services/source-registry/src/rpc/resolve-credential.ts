import { checkInput } from '@credential-renewal/rpc';
import { SourceNotFoundError } from '../errors.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';

export function resolveCredential(deps: RegistryDeps): RegistryHandler<'resolveCredential'> {
  return async ({ accountId, sourceId }) => {
    checkInput((check) => {
      check.id('account_id', accountId);
      check.id('source_id', sourceId);
    });
    const source = await deps.uses.find(sourceId);
    if (source?.kind !== 'source' || source.accountId !== accountId || source.deleting) {
      throw new SourceNotFoundError(sourceId);
    }
    return { credentialId: source.credential?.credentialId };
  };
}
