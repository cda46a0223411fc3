import { checkInput } from '@credential-renewal/rpc';
import { requireCaller, requireSource } from '../caller.ts';
import { sourceMessage } from '../messages.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import { readSurroundings } from '../surroundings.ts';

export function getSource(deps: RegistryDeps): RegistryHandler<'getSource'> {
  return async ({ callerUserId, sourceId }) => {
    checkInput((check) => {
      check.id('caller_user_id', callerUserId);
      check.id('source_id', sourceId);
    });
    const caller = await requireCaller(deps, callerUserId);
    const { source } = await requireSource(deps, caller, sourceId);
    const surroundings = await readSurroundings(deps, caller.accountId, [source]);
    return { source: sourceMessage(source, caller, surroundings) };
  };
}
