import { checkInput } from '@credential-renewal/rpc';
import { requireCaller, requireColleague } from '../caller.ts';
import { AdministratorRequiredError, ChangeContendedError, UserIsCallerError } from '../errors.ts';
import { userMessage } from '../messages.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';

const maxAttempts = 100;

export function setUserLeft(deps: RegistryDeps): RegistryHandler<'setUserLeft'> {
  return async ({ callerUserId, userId, left }) => {
    checkInput((check) => {
      check.id('caller_user_id', callerUserId);
      check.id('user_id', userId);
    });
    const caller = await requireCaller(deps, callerUserId);
    if (caller.role !== 'admin') throw new AdministratorRequiredError('say that somebody has left');
    if (left && userId === caller.id) throw new UserIsCallerError();
    const account = await deps.users.findAccount(caller.accountId);
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const user = await requireColleague(deps, caller, userId);
      const changed = { ...user, left, revision: user.revision + 1 };
      if (user.left === left || (await deps.users.put(changed))) {
        return { user: userMessage(changed, account) };
      }
    }
    throw new ChangeContendedError(userId);
  };
}
