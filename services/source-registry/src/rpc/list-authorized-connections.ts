import { checkInput } from '@credential-renewal/rpc';
import { requireCaller } from '../caller.ts';
import { connectionMessage } from '../messages.ts';
import { cutPage, readPage } from '../page.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import { readStatus } from '../status-filter.ts';
import { readSurroundings } from '../surroundings.ts';

export function listAuthorizedConnections(
  deps: RegistryDeps,
): RegistryHandler<'listAuthorizedConnections'> {
  return async (request) => {
    checkInput((check) => {
      check.id('caller_user_id', request.callerUserId);
      check.pageSize('page_size', request.pageSize);
    });
    const status = readStatus(request.status);
    const { limit, after } = readPage(request);
    const caller = await requireCaller(deps, request.callerUserId);
    const { accountId } = caller;
    const found = await deps.uses.listConnections({ accountId, status, limit: limit + 1, after });
    const { items, nextPageToken } = cutPage(found, limit, (connection) => ({
      order: connection.createdAtMs,
      id: connection.id,
    }));
    const counts = await deps.uses.countBackedSources(items.map(({ id }) => id));
    const surroundings = await readSurroundings(deps, accountId, items);
    return {
      authorizedConnections: items.map((item) =>
        connectionMessage(item, caller, surroundings, counts.get(item.id) ?? 0),
      ),
      nextPageToken,
    };
  };
}
