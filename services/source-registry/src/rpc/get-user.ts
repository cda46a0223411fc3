import { checkInput } from '@credential-renewal/rpc';
import { requireCaller } from '../caller.ts';
import { userMessage } from '../messages.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';

export function getUser(deps: RegistryDeps): RegistryHandler<'getUser'> {
  return async ({ userId }) => {
    checkInput((check) => check.id('user_id', userId));
    const user = await requireCaller(deps, userId);
    return { user: userMessage(user, await deps.users.findAccount(user.accountId)) };
  };
}
