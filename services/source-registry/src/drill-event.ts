import { buildEvent, type CloudEvent } from '@credential-renewal/events';
import { SourceDrill, SourceDrillEnd } from '@credential-renewal/proto/events/v1/drill';
import type { Drill, DrillEnd } from './drill.ts';
import type { Use } from './use.ts';

/** The event of what a write did to the drill of a use; undefined: nothing. */
export function drillEvent(before: Use, after: Use, nowMs: number): CloudEvent | undefined {
  const { published, newest } = after.drills ?? { published: 0, newest: [] };
  const [drill] = newest;
  if (!drill || published === (before.drills?.published ?? 0)) return undefined;
  return buildEvent({
    source: '/source-registry',
    topic: 'source.drill',
    subject: after.id,
    key: after.id,
    sequence: published,
    schema: 'SourceDrill',
    data: SourceDrill.toJSON(snapshotOf(after, drill)),
    nowMs,
  });
}

function snapshotOf(use: Use, drill: Drill): SourceDrill {
  return {
    drillId: drill.id,
    sourceId: use.kind === 'source' ? use.id : undefined,
    authorizedConnectionId: use.kind === 'connection' ? use.id : undefined,
    accountId: use.accountId,
    name: use.name,
    credentialId: drill.credentialId,
    providerName: use.connector.providerName,
    version: drill.version,
    startedBy: drill.startedBy.id,
    startedAt: new Date(drill.startedAtMs),
    endsAt: new Date(drill.endsAtMs),
    endedAt: drill.ended && new Date(drill.ended.atMs),
    end: endMessage(drill.ended?.why),
    recipients: drill.recipients.map(({ id, reactedAtMs }) => ({
      userId: id,
      reactedAt: reactedAtMs === undefined ? undefined : new Date(reactedAtMs),
    })),
  };
}

export function endMessage(why: DrillEnd | undefined): SourceDrillEnd {
  switch (why) {
    case undefined:
      return SourceDrillEnd.UNSPECIFIED;
    case 'all_reacted':
      return SourceDrillEnd.ALL_REACTED;
    case 'stopped':
      return SourceDrillEnd.STOPPED;
    case 'time_over':
      return SourceDrillEnd.TIME_OVER;
    case 'real_expiry':
      return SourceDrillEnd.REAL_EXPIRY;
    case 'disconnected':
      return SourceDrillEnd.DISCONNECTED;
    default:
      return why satisfies never;
  }
}
