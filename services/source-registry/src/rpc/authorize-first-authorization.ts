import { checkInput } from '@credential-renewal/rpc';
import { keepersOf, mayRenewConnection } from '../access/connection-access.ts';
import { mayRenewSource, renewersOf } from '../access/source-access.ts';
import { requireCaller, requireConnection, requireSource } from '../caller.ts';
import { keepPending } from '../deletion.ts';
import { RenewalForbiddenError, UseAlreadyAuthorizedError } from '../errors.ts';
import { named } from '../messages.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import { readSurroundings } from '../surroundings.ts';
import type { Use } from '../use.ts';
import { checkUseChoice, readUseChoice } from '../use-reference.ts';
import type { User } from '../user.ts';

export function authorizeFirstAuthorization(
  deps: RegistryDeps,
): RegistryHandler<'authorizeFirstAuthorization'> {
  return async (request) => {
    checkInput((check) => {
      check.id('caller_user_id', request.callerUserId);
      checkUseChoice(check, 'use', request.use);
    });
    const caller = await requireCaller(deps, request.callerUserId);
    const { kind, id } = readUseChoice(request.use);
    const use =
      kind === 'source'
        ? (await requireSource(deps, caller, id)).source
        : await requireConnection(deps, caller, id);
    await requireRenewer(deps, caller, use);
    if (use.credential) throw new UseAlreadyAuthorizedError(use.name);
    await deps.changes.change(use.id, (current) => keepPending(current, deps.clock.nowMs()));
    return { accountId: use.accountId, connectorId: use.connector.id, use: named(use) };
  };
}

/** The creator of a source, the keepers of a connection. Errors: RENEWAL_FORBIDDEN, which names who may. */
export async function requireRenewer(deps: RegistryDeps, caller: User, use: Use): Promise<void> {
  const { userById, accountAdmins, of } = await readSurroundings(deps, caller.accountId, [use]);
  const renewers =
    use.kind === 'source' ? renewersOf(use, of(use)) : keepersOf(use, userById, accountAdmins);
  const allowed =
    use.kind === 'source' ? mayRenewSource(caller, use) : mayRenewConnection(caller, renewers);
  if (!allowed) {
    throw new RenewalForbiddenError(
      use.name,
      renewers.map((user) => user.name),
    );
  }
}
