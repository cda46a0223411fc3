import { checkInput } from '@credential-renewal/rpc';
import { requireCaller } from '../caller.ts';
import { workspaceMessage } from '../messages.ts';
import { cutPage, readPage } from '../page.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';

/** The caller's workspaces; an administrator of the account sees all of them. */
export function listWorkspaces(deps: RegistryDeps): RegistryHandler<'listWorkspaces'> {
  return async (request) => {
    checkInput((check) => {
      check.id('caller_user_id', request.callerUserId);
      check.pageSize('page_size', request.pageSize);
    });
    const { limit, after } = readPage(request);
    const caller = await requireCaller(deps, request.callerUserId);
    const found = await deps.workspaces.list({
      accountId: caller.accountId,
      memberId: caller.role === 'admin' ? undefined : caller.id,
      limit: limit + 1,
      after,
    });
    const { items, nextPageToken } = cutPage(found, limit, (workspace) => ({
      order: workspace.createdAtMs,
      id: workspace.id,
    }));
    const counts = await deps.uses.countSourcesByWorkspace(items.map(({ id }) => id));
    return {
      workspaces: items.map((item) => workspaceMessage(item, caller, counts.get(item.id))),
      nextPageToken,
    };
  };
}
