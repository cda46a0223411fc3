import { checkInput } from '@credential-renewal/rpc';
import { requireCaller } from '../caller.ts';
import { withEndedDrill } from '../drill.ts';
import { requireAdministrator, requireDrill, requireDrillHolder } from '../drill-holder.ts';
import { drillMessage } from '../drill-message.ts';
import type { Use, UseChange } from '../use.ts';
import { checkUseChoice } from '../use-reference.ts';
import type { User } from '../user.ts';
import type { DrillDeps, DrillHandlers } from './drill-handlers.ts';

export function endDrill(deps: DrillDeps): DrillHandlers['endDrill'] {
  return async ({ callerUserId, use, drillId }) => {
    checkInput((check) => {
      check.id('caller_user_id', callerUserId);
      checkUseChoice(check, 'use', use);
      check.id('drill_id', drillId);
    });
    const caller = await requireCaller(deps, callerUserId);
    const holder = await requireDrillHolder(deps, caller, use);
    requireAdministrator(caller, 'end a drill');
    const changed = await deps.changes.change(holder.id, (current) =>
      stopped(current, drillId, caller, deps.clock.nowMs()),
    );
    return { drill: drillMessage(requireDrill(changed ?? holder, drillId)) };
  };
}

function stopped(use: Use, drillId: string, by: User, nowMs: number): UseChange | undefined {
  if (requireDrill(use, drillId).ended) return undefined;
  return {
    next: withEndedDrill(use, 'stopped', nowMs),
    announce: false,
    audit: {
      timeMs: nowMs,
      actorName: by.name,
      action: 'drill.ended',
      text: `${by.name} ended the drill.`,
    },
  };
}
