import { checkInput } from '@credential-renewal/rpc';
import { requireCaller, requireConnection } from '../caller.ts';
import { connectionMessage } from '../messages.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import { readSurroundings } from '../surroundings.ts';

export function getAuthorizedConnection(
  deps: RegistryDeps,
): RegistryHandler<'getAuthorizedConnection'> {
  return async ({ callerUserId, authorizedConnectionId }) => {
    checkInput((check) => {
      check.id('caller_user_id', callerUserId);
      check.id('authorized_connection_id', authorizedConnectionId);
    });
    const caller = await requireCaller(deps, callerUserId);
    const connection = await requireConnection(deps, caller, authorizedConnectionId);
    const counts = await deps.uses.countBackedSources([connection.id]);
    const surroundings = await readSurroundings(deps, caller.accountId, [connection]);
    const count = counts.get(connection.id) ?? 0;
    return { authorizedConnection: connectionMessage(connection, caller, surroundings, count) };
  };
}
