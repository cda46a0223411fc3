import type { ClusterView } from './cluster-view.ts';
import { findCommitted } from './committed-offsets.ts';
import type { KafkaLink } from './kafka-link.ts';
import { findOffsets } from './partition-offsets.ts';
import { type Place, placeOf } from './place.ts';

/** How many messages each topic has after what the group has committed, for the topics it has committed anything of and `subscribed`. */
export async function findLag(
  connections: { link: KafkaLink; view: ClusterView },
  groupId: string,
  places: readonly Place[],
  subscribed: ReadonlySet<string>,
): Promise<Record<string, number>> {
  const { link, view } = connections;
  const coordinator = await view.coordinatorOf(groupId);
  const committed = await findCommitted(
    (request) => link.ask(coordinator, request),
    groupId,
    places,
  );
  const topics = new Set(subscribed);
  for (const { topic, partition } of places)
    if (committed.has(placeOf(topic, partition))) topics.add(topic);
  const asked = places.filter(({ topic }) => topics.has(topic));
  const [firsts, ends] = await Promise.all([
    findOffsets(connections, asked, 'first'),
    findOffsets(connections, asked, 'next'),
  ]);
  const lag: Record<string, number> = {};
  for (const { topic, partition } of asked) {
    const place = placeOf(topic, partition);
    const first = firsts.get(place) ?? 0n;
    const next = committed.get(place) ?? 0n;
    const waiting = Number((ends.get(place) ?? 0n) - (next > first ? next : first));
    lag[topic] = (lag[topic] ?? 0) + Math.max(0, waiting);
  }
  return lag;
}
