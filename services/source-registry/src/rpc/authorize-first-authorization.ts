import { checkInput } from '@credential-renewal/rpc';
import { requireCaller, requireConnection, requireSource } from '../caller.ts';
import { keepPending } from '../deletion.ts';
import { UseAlreadyAuthorizedError } from '../errors.ts';
import { named } from '../messages.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import { requireRenewer } from '../renewer.ts';
import { checkUseChoice, readUseChoice } from '../use-reference.ts';

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
