import { checkInput } from '@credential-renewal/rpc';
import { requireCaller } from '../caller.ts';
import { requireAdministrator, requireDrillHolder } from '../drill-holder.ts';
import { drillMessage } from '../drill-message.ts';
import { checkUseChoice } from '../use-reference.ts';
import type { DrillDeps, DrillHandlers } from './drill-handlers.ts';

export function listDrills(deps: DrillDeps): DrillHandlers['listDrills'] {
  return async ({ callerUserId, use }) => {
    checkInput((check) => {
      check.id('caller_user_id', callerUserId);
      checkUseChoice(check, 'use', use);
    });
    const caller = await requireCaller(deps, callerUserId);
    const holder = await requireDrillHolder(deps, caller, use);
    requireAdministrator(caller, 'see the drills');
    return { drills: (holder.drills?.newest ?? []).map(drillMessage) };
  };
}
