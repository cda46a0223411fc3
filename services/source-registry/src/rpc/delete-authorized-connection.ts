import { checkInput } from '@credential-renewal/rpc';
import { mayDeleteConnection } from '../access/connection-access.ts';
import { requireCaller, requireConnection } from '../caller.ts';
import { markDeleting } from '../deletion.ts';
import { ConnectionInUseError, DeletionForbiddenError } from '../errors.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';

export function deleteAuthorizedConnection(
  deps: RegistryDeps,
): RegistryHandler<'deleteAuthorizedConnection'> {
  return async ({ callerUserId, authorizedConnectionId: id }) => {
    checkInput((check) => {
      check.id('caller_user_id', callerUserId);
      check.id('authorized_connection_id', id);
    });
    const caller = await requireCaller(deps, callerUserId);
    const connection = await requireConnection(deps, caller, id);
    if (!mayDeleteConnection(caller, connection)) throw new DeletionForbiddenError(connection.name);
    await deps.changes.change(id, async (current) => {
      // Counted after `current` was read: a source that comes meanwhile changes its revision (create-source.ts).
      const counts = await deps.uses.countBackedSources([id]);
      if ((counts.get(id) ?? 0) > 0) throw new ConnectionInUseError(current.name);
      return markDeleting(current, caller, deps.clock.nowMs());
    });
    return {};
  };
}
