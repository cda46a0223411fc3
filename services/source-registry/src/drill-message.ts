import type { Drill as DrillMessage } from '@credential-renewal/proto/source_registry/v1/drills';
import type { WaitingDrill } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { canRehearse, type Drill, runningDrill } from './drill.ts';
import { endMessage } from './drill-event.ts';
import type { Use } from './use.ts';
import type { User } from './user.ts';

/** The whole report, for an administrator. */
export function drillMessage(drill: Drill): DrillMessage {
  return {
    id: drill.id,
    startedAt: new Date(drill.startedAtMs),
    startedBy: drill.startedBy,
    endsAt: new Date(drill.endsAtMs),
    endedAt: drill.ended && new Date(drill.ended.atMs),
    end: endMessage(drill.ended?.why),
    recipients: drill.recipients.map(({ id, name, reactedAtMs }) => ({
      user: { id, name },
      reactedAt: reactedAtMs === undefined ? undefined : new Date(reactedAtMs),
    })),
  };
}

/** What one of those who are told sees of it, until they react. */
export function waitingDrillMessage(use: Use, viewer: User): WaitingDrill | undefined {
  // The real thing has ended it already, unless a replica of the release before this one wrote that.
  const drill = canRehearse(use) ? runningDrill(use) : undefined;
  const mine = drill?.recipients.find(({ id }) => id === viewer.id);
  if (!drill || !mine || mine.reactedAtMs !== undefined) return undefined;
  return {
    id: drill.id,
    startedAt: new Date(drill.startedAtMs),
    startedBy: drill.startedBy.name,
  };
}
