import type { EventLog, Subscription } from '@credential-renewal/events';
import { SourceCredentialState } from '@credential-renewal/proto/events/v1/source';

/** A source as the demo sync worker needs it. */
export type KnownSource = { sourceId: string; accountId: string; connectorId: string };

/** All sources that exist, kept current from `source.credential-state`: how any sync worker would learn of them. */
export async function followSources(
  eventLog: EventLog,
): Promise<Subscription & { list(): KnownSource[] }> {
  const sources = new Map<string, KnownSource>();
  const subscription = await eventLog.tail({
    topics: ['source.credential-state'],
    from: 'start',
    handle: ({ event }) => {
      if (event.data === null) {
        sources.delete(event.subject);
        return;
      }
      const { sourceId, accountId, connectorId, credentialId } = SourceCredentialState.fromJSON(
        event.data,
      );
      if (sourceId !== undefined && credentialId !== undefined)
        sources.set(sourceId, { sourceId, accountId, connectorId });
    },
  });
  return { list: () => [...sources.values()], stop: () => subscription.stop() };
}
