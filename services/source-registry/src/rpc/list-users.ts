import { checkInput } from '@credential-renewal/rpc';
import { requireCaller } from '../caller.ts';
import { userMessage } from '../messages.ts';
import { cutPage, readPage } from '../page.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';

export function listUsers(deps: RegistryDeps): RegistryHandler<'listUsers'> {
  return async (request) => {
    checkInput((check) => {
      check.id('caller_user_id', request.callerUserId);
      check.pageSize('page_size', request.pageSize);
    });
    const { limit, after } = readPage(request);
    const caller = await requireCaller(deps, request.callerUserId);
    const account = await deps.users.findAccount(caller.accountId);
    const found = await deps.users.list(caller.accountId, { limit: limit + 1, after });
    const page = cutPage(found, limit, ({ id }) => ({ order: 0, id }));
    return {
      users: page.items.map((user) => userMessage(user, account)),
      nextPageToken: page.nextPageToken,
    };
  };
}
