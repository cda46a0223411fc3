import { checkInput } from '@credential-renewal/rpc';
import { mayDeleteSource } from '../access/source-access.ts';
import { requireCaller, requireSource } from '../caller.ts';
import { markDeleting } from '../deletion.ts';
import { DeletionForbiddenError } from '../errors.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';

export function deleteSource(deps: RegistryDeps): RegistryHandler<'deleteSource'> {
  return async ({ callerUserId, sourceId }) => {
    checkInput((check) => {
      check.id('caller_user_id', callerUserId);
      check.id('source_id', sourceId);
    });
    const caller = await requireCaller(deps, callerUserId);
    const { source, workspace } = await requireSource(deps, caller, sourceId);
    if (!mayDeleteSource(caller, source, workspace)) throw new DeletionForbiddenError(source.name);
    await deps.changes.change(sourceId, (use) => markDeleting(use, caller, deps.clock.nowMs()));
    return {};
  };
}
