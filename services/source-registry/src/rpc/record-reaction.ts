import { checkInput } from '@credential-renewal/rpc';
import { requireCaller } from '../caller.ts';
import { runningDrill, withReaction } from '../drill.ts';
import { requireDrill, requireDrillHolder } from '../drill-holder.ts';
import { DrillNotForCallerError, DrillOverError } from '../errors.ts';
import type { Use, UseChange } from '../use.ts';
import { checkUseChoice } from '../use-reference.ts';
import type { User } from '../user.ts';
import type { DrillDeps, DrillHandlers } from './drill-handlers.ts';

export function recordReaction(deps: DrillDeps): DrillHandlers['recordReaction'] {
  return async ({ callerUserId, use, drillId }) => {
    checkInput((check) => {
      check.id('caller_user_id', callerUserId);
      checkUseChoice(check, 'use', use);
      check.id('drill_id', drillId);
    });
    const caller = await requireCaller(deps, callerUserId);
    const holder = await requireDrillHolder(deps, caller, use);
    await deps.changes.change(holder.id, (current) =>
      reacted(current, drillId, caller, deps.clock.nowMs()),
    );
    return {};
  };
}

/** Undefined: a repeated call, which has its answer already. */
function reacted(use: Use, drillId: string, by: User, nowMs: number): UseChange | undefined {
  const drill = requireDrill(use, drillId);
  const mine = drill.recipients.find(({ id }) => id === by.id);
  if (!mine) throw new DrillNotForCallerError();
  if (mine.reactedAtMs !== undefined) return undefined;
  if (drill.ended || drill.endsAtMs <= nowMs) throw new DrillOverError();
  const next = withReaction(use, by.id, nowMs);
  if (!next) return undefined;
  const isOver = runningDrill(next) === undefined;
  return {
    next,
    announce: false,
    audit: {
      timeMs: nowMs,
      actorName: by.name,
      action: 'drill.reacted',
      text: `${by.name} reacted to the drill${isOver ? '; everybody has, so it is over' : ''}.`,
    },
  };
}
