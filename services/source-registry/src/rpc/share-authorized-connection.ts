import { checkInput } from '@credential-renewal/rpc';
import { InputInvalidError } from '@credential-renewal/runtime';
import { keepersOf, mayShareConnection } from '../access/connection-access.ts';
import { requireCaller, requireConnection } from '../caller.ts';
import { ConnectionNotFoundError, SharingForbiddenError } from '../errors.ts';
import { connectionMessage } from '../messages.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import { readSurroundings } from '../surroundings.ts';
import type { Use, UseChange } from '../use.ts';
import { isActiveAdmin, type User } from '../user.ts';

export function shareAuthorizedConnection(
  deps: RegistryDeps,
): RegistryHandler<'shareAuthorizedConnection'> {
  return async ({ callerUserId, authorizedConnectionId: id, userIds }) => {
    checkInput((check) => {
      check.id('caller_user_id', callerUserId);
      check.id('authorized_connection_id', id);
      check.ids('user_ids', userIds);
    });
    const caller = await requireCaller(deps, callerUserId);
    const before = await requireConnection(deps, caller, id);
    const { userById, accountAdmins } = await readSurroundings(deps, caller.accountId, [before]);
    const keepers = keepersOf(before, userById, accountAdmins);
    if (!mayShareConnection(caller, before, userById(before.ownerId), keepers)) {
      throw new SharingForbiddenError(before.name);
    }
    const admins = await requireAdministrators(deps, caller, userIds);
    const connection = await deps.changes.change(id, (current) =>
      shared(current, admins, caller, deps.clock.nowMs()),
    );
    if (connection?.kind !== 'connection') throw new ConnectionNotFoundError(id);
    const counts = await deps.uses.countBackedSources([id]);
    const surroundings = await readSurroundings(deps, caller.accountId, [connection]);
    const count = counts.get(id) ?? 0;
    return { authorizedConnection: connectionMessage(connection, caller, surroundings, count) };
  };
}

async function requireAdministrators(
  { users }: RegistryDeps,
  caller: User,
  userIds: readonly string[],
): Promise<User[]> {
  const byId = new Map((await users.findMany(userIds)).map((user) => [user.id, user]));
  const isAdmin = (id: string) => {
    const user = byId.get(id);
    return user?.accountId === caller.accountId && isActiveAdmin(user);
  };
  const violations = userIds.flatMap((id, index) =>
    isAdmin(id)
      ? []
      : [{ field: `user_ids[${index}]`, description: 'is no administrator of the account' }],
  );
  if (violations.length > 0) throw new InputInvalidError(violations);
  return [...byId.values()];
}

function shared(use: Use, admins: readonly User[], by: User, nowMs: number): UseChange | undefined {
  if (use.kind !== 'connection' || use.deleting) return undefined;
  const others = admins.filter((admin) => admin.id !== use.ownerId);
  const sharedWith = others.map((admin) => admin.id).sort();
  if (sharedWith.join() === use.sharedWith.join()) return undefined;
  const names = others.map((admin) => admin.name).join(', ');
  return {
    next: { ...use, sharedWith },
    announce: true,
    audit: {
      timeMs: nowMs,
      actorName: by.name,
      action: 'connection.shared',
      text: names
        ? `${by.name} shared the connection with ${names}.`
        : `${by.name} shares the connection with nobody any more.`,
    },
  };
}
