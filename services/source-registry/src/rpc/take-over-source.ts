import { checkInput } from '@credential-renewal/rpc';
import { mayTakeOverSource } from '../access/source-access.ts';
import { requireCaller, requireSource } from '../caller.ts';
import { SourceNotFoundError, TakeOverForbiddenError } from '../errors.ts';
import { sourceMessage } from '../messages.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import { readSurroundings } from '../surroundings.ts';
import type { Use, UseChange } from '../use.ts';
import type { User } from '../user.ts';

export function takeOverSource(deps: RegistryDeps): RegistryHandler<'takeOverSource'> {
  return async ({ callerUserId, sourceId }) => {
    checkInput((check) => {
      check.id('caller_user_id', callerUserId);
      check.id('source_id', sourceId);
    });
    const caller = await requireCaller(deps, callerUserId);
    const source = await deps.changes.change(sourceId, async (current) => {
      const { source, workspace } = await requireSource(deps, caller, current.id);
      // A repeated call has its answer already.
      if (source.creatorId === caller.id) return undefined;
      const creator = await deps.users.find(source.creatorId);
      if (!mayTakeOverSource(caller, source, creator, workspace)) {
        throw new TakeOverForbiddenError(source.name);
      }
      return takenOver(current, caller, creator?.name ?? '', deps.clock.nowMs());
    });
    if (source?.kind !== 'source') throw new SourceNotFoundError(sourceId);
    const surroundings = await readSurroundings(deps, caller.accountId, [source]);
    return { source: sourceMessage(source, caller, surroundings) };
  };
}

function takenOver(use: Use, by: User, from: string, nowMs: number): UseChange | undefined {
  if (use.kind !== 'source') return undefined;
  return {
    next: { ...use, creatorId: by.id },
    announce: true,
    audit: {
      timeMs: nowMs,
      actorName: by.name,
      action: 'source.taken-over',
      text: `${by.name} took the source over from ${from}, who has left.`,
    },
  };
}
