import { type CloudEvent, readEventData } from '@credential-renewal/events';
import { SourceDrill } from '@credential-renewal/proto/events/v1/drill';
import type { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { RpcClient } from '@credential-renewal/rpc';
import { cancelled } from '../notification-steps.ts';
import { oneLine } from '../sending/one-line.ts';
import { type ToldRecipient, usesByRecipient } from './affected-uses.ts';
import { describeUses } from './describe-uses.ts';
import { createNotifier, type NotifierDeps } from './notifier.ts';
import { observeState } from './watched-credential.ts';

export type DrillHandlerDeps = NotifierDeps & {
  registry: Pick<RpcClient<typeof SourceRegistryServiceService>, 'describeCredentialUses'>;
  /** Something may be due now. */
  onChanged: () => void;
};

/**
 * Acts on one event of `source.drill`: whoever has not reacted is told once, and what was not sent when a person has reacted, or the drill is
 * over, is not sent any more. As with states the version is remembered first, so a redelivery mends a crash and an older event does nothing.
 */
export function createDrillHandler(deps: DrillHandlerDeps): (event: CloudEvent) => Promise<void> {
  const { store, clock, logger } = deps;
  const notify = createNotifier(deps);

  async function handleDrill(drill: SourceDrill): Promise<void> {
    const observed = await store.observeCredential(watchId(drill), (known) =>
      observeState(known, {
        credentialId: watchId(drill),
        version: BigInt(drill.version),
        openEpisodeId: drill.endedAt ? undefined : drill.drillId,
      }),
    );
    if (!observed) {
      logger.debug({ drill_id: drill.drillId, version: drill.version }, 'older drill ignored');
      return;
    }
    const isOver = drill.endedAt !== undefined || hasPassed(drill.endsAt, clock.nowMs());
    const waiting = isOver ? [] : drill.recipients.filter((one) => !one.reactedAt);
    for (const { userId } of drill.recipients)
      if (!waiting.some((one) => one.userId === userId)) await cancel(drill.drillId, userId);
    if (waiting.length > 0) await tell(drill, new Set(waiting.map(({ userId }) => userId)));
  }

  async function cancel(episodeId: string, userId: string): Promise<void> {
    const told = await store.find({ episodeId, userId, kind: 'drill' });
    if (!told) return;
    const why = { atMs: clock.nowMs(), code: 'over' } as const;
    await store.update(told.id, (now) => cancelled(now, why));
  }

  async function tell(drill: SourceDrill, userIds: ReadonlySet<string>): Promise<void> {
    const { accountId, credentialId, drillId } = drill;
    const described = await describeUses(deps.registry, drill);
    for (const told of usesByRecipient(described).flatMap((one) => about(drill, one))) {
      if (!userIds.has(told.recipient.userId)) continue;
      const trouble = {
        status: 'expired' as const,
        providerName: oneLine(drill.providerName),
        reasonText: '',
        resolver: 'user' as const,
        sinceMs: drill.startedAt?.getTime() ?? clock.nowMs(),
      };
      await notify({
        kind: 'drill',
        episodeId: drillId,
        credentialId,
        accountId,
        trouble,
        ...told,
      });
    }
  }

  return async (event) => {
    const drill = readEventData(event, 'SourceDrill', SourceDrill.fromJSON);
    if (drill) await handleDrill(drill);
    deps.onChanged();
  };
}

/** A drill is watched like a credential of its own, under an id that no credential has. */
function watchId({ drillId }: SourceDrill): string {
  return `drill ${drillId}`;
}

function hasPassed(time: Date | undefined, nowMs: number): boolean {
  return time !== undefined && time.getTime() <= nowMs;
}

/** The drill is of one source or connection, whatever else uses the credential. */
function about(drill: SourceDrill, told: ToldRecipient): ToldRecipient[] {
  const heldOn = drill.sourceId ?? drill.authorizedConnectionId;
  const uses = told.uses.filter(({ id }) => id === heldOn);
  return uses.length === 0 ? [] : [{ ...told, uses }];
}
