import { SourceDrillEnd } from '@credential-renewal/proto/events/v1/drill';
import type { Drill as RegistryDrill } from '@credential-renewal/proto/source_registry/v1/drills';
import type { WaitingDrill as RegistryWaitingDrill } from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { Drill, DrillEnd, WaitingDrill } from '../schemas/index.ts';
import { optionalTime, required, requiredTime } from './time.ts';

export function toDrill(drill: RegistryDrill): Drill {
  return {
    id: drill.id,
    startedAt: requiredTime(drill.startedAt, 'started_at'),
    startedBy: required(drill.startedBy, 'started_by'),
    endsAt: requiredTime(drill.endsAt, 'ends_at'),
    endedAt: optionalTime(drill.endedAt),
    end: toEnd(drill.end),
    recipients: drill.recipients.map(({ user, reactedAt }) => ({
      user: required(user, 'user'),
      reactedAt: optionalTime(reactedAt),
    })),
  };
}

export function toWaitingDrill(drill: RegistryWaitingDrill | undefined): WaitingDrill | null {
  if (!drill) return null;
  const { id, startedAt, startedBy } = drill;
  return { id, startedAt: requiredTime(startedAt, 'started_at'), startedBy };
}

function toEnd(end: SourceDrillEnd): DrillEnd | null {
  switch (end) {
    case SourceDrillEnd.UNSPECIFIED:
      return null;
    case SourceDrillEnd.ALL_REACTED:
      return 'all_reacted';
    case SourceDrillEnd.STOPPED:
      return 'stopped';
    case SourceDrillEnd.TIME_OVER:
      return 'time_over';
    case SourceDrillEnd.REAL_EXPIRY:
      return 'real_expiry';
    case SourceDrillEnd.DISCONNECTED:
      return 'disconnected';
    default:
      return end satisfies never;
  }
}
