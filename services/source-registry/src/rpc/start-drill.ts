import { checkInput } from '@credential-renewal/rpc';
import { uuidv7 } from '@credential-renewal/runtime';
import { requireCaller } from '../caller.ts';
import { canRehearse, type Drill, runningDrill, withDrill } from '../drill.ts';
import { requireAdministrator, requireDrillHolder } from '../drill-holder.ts';
import { drillMessage } from '../drill-message.ts';
import { endOverdueDrill } from '../drill-sweep.ts';
import {
  DrillNeedsWorkingCredentialError,
  DrillRunningError,
  DrillWithoutRecipientsError,
} from '../errors.ts';
import { recipientsOf } from '../recipients.ts';
import { readSurroundings } from '../surroundings.ts';
import type { Use } from '../use.ts';
import { checkUseChoice } from '../use-reference.ts';
import type { DrillDeps, DrillHandlers } from './drill-handlers.ts';

/** An account has few administrators; a report of more people than this nobody reads. */
const maxRecipients = 100;

export function startDrill(deps: DrillDeps): DrillHandlers['startDrill'] {
  const { changes, clock } = deps;
  return async ({ callerUserId, use }) => {
    checkInput((check) => {
      check.id('caller_user_id', callerUserId);
      checkUseChoice(check, 'use', use);
    });
    const caller = await requireCaller(deps, callerUserId);
    const holder = await requireDrillHolder(deps, caller, use);
    requireAdministrator(caller, 'rehearse an expiry');
    // One whose time is over is no reason to refuse the next, also where the sweep has not come yet.
    await changes.change(holder.id, (current) => endOverdueDrill(current, clock.nowMs()));

    const nowMs = clock.nowMs();
    const id = uuidv7(nowMs);
    const changed = await changes.change(holder.id, async (current) => {
      const { credential } = current;
      if (current.deleting || !credential || !canRehearse(current))
        throw new DrillNeedsWorkingCredentialError(current.name);
      if (runningDrill(current)) throw new DrillRunningError(current.name);
      const next = withDrill(current, {
        id,
        credentialId: credential.credentialId,
        startedBy: { id: caller.id, name: caller.name },
        startedAtMs: nowMs,
        endsAtMs: nowMs + deps.drillLifetimeMs,
        recipients: await recipientsAtStart(deps, current),
      });
      return {
        next,
        announce: false,
        audit: {
          timeMs: nowMs,
          actorName: caller.name,
          action: 'drill.started',
          text: `${caller.name} began a drill: an expiry is rehearsed, nothing has expired.`,
        },
      };
    });
    const drill = changed?.drills?.newest.find((one) => one.id === id);
    // Gone between two reads.
    if (!drill) throw new DrillNeedsWorkingCredentialError(holder.name);
    return { drill: drillMessage(drill) };
  };
}

/** Those who would be told now if it were real. */
async function recipientsAtStart(deps: DrillDeps, use: Use): Promise<Drill['recipients']> {
  const told = recipientsOf(use, await readSurroundings(deps, use.accountId, [use]));
  if (told.length === 0) throw new DrillWithoutRecipientsError(use.name);
  const byId = new Map(told.map(({ user: { id, name } }) => [id, { id, name }]));
  return [...byId.values()].slice(0, maxRecipients);
}
