import { EventLogUnavailableError } from '../errors.ts';
import type { ClusterView } from './cluster-view.ts';
import type { KafkaLink } from './kafka-link.ts';
import { type Place, placeOf } from './place.ts';
import { readUncommitted } from './protocol.ts';

/** The first message that is kept, the place of the next one, or the first message that the broker got at a time (in ms) or later. */
export type OffsetQuestion = 'first' | 'next' | { atMs: number };

/** The offsets of these partitions, by `placeOf`. Absent: there is none, since nothing came at that time or later. */
export async function findOffsets(
  { link, view }: { link: KafkaLink; view: ClusterView },
  places: readonly Place[],
  question: OffsetQuestion,
): Promise<Map<string, bigint>> {
  const timestamp = timestampOf(question);
  const byLeader = Map.groupBy(places, ({ topic, partition }) => view.leaderOf(topic, partition));
  const offsets = new Map<string, bigint>();
  await Promise.all(
    [...byLeader].map(async ([nodeId, ofLeader]) => {
      if (nodeId === undefined) throw new EventLogUnavailableError('a partition has no leader');
      const topics = [...Map.groupBy(ofLeader, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
        topic,
        partitions: ofTopic.map(({ partition }) => ({ partition, timestamp })),
      }));
      const { responses } = await link.ask(nodeId, (broker) =>
        broker.listOffsets({ isolationLevel: readUncommitted, topics }),
      );
      for (const { topic, partitions } of responses) {
        for (const { partition, offset } of partitions) {
          if (BigInt(offset) >= 0n) offsets.set(placeOf(topic, partition), BigInt(offset));
        }
      }
    }),
  );
  return offsets;
}

// ListOffsets takes these in place of a time.
function timestampOf(question: OffsetQuestion): number {
  if (question === 'first') return -2;
  if (question === 'next') return -1;
  return question.atMs;
}
