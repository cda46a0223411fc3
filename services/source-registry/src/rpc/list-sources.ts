import { checkInput } from '@credential-renewal/rpc';
import { requireCaller, requireWorkspace } from '../caller.ts';
import { sourceMessage } from '../messages.ts';
import { cutPage, readPage } from '../page.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import { readStatus } from '../status-filter.ts';
import { readSurroundings } from '../surroundings.ts';

export function listSources(deps: RegistryDeps): RegistryHandler<'listSources'> {
  return async (request) => {
    checkInput((check) => {
      check.id('caller_user_id', request.callerUserId);
      check.optionalId('workspace_id', request.workspaceId);
      check.pageSize('page_size', request.pageSize);
    });
    const status = readStatus(request.status);
    const { limit, after } = readPage(request);
    const caller = await requireCaller(deps, request.callerUserId);
    const { accountId } = caller;
    const workspace =
      request.workspaceId === undefined
        ? undefined
        : await requireWorkspace(deps, caller, request.workspaceId);
    const of = workspace ? { workspaceId: workspace.id } : { creatorId: caller.id };
    const found = await deps.uses.listSources({ accountId, of, status, limit: limit + 1, after });
    const { items, nextPageToken } = cutPage(found, limit, (source) => ({
      order: source.createdAtMs,
      id: source.id,
    }));
    const surroundings = await readSurroundings(deps, accountId, items);
    return {
      sources: items.map((source) => sourceMessage(source, caller, surroundings)),
      nextPageToken,
    };
  };
}
