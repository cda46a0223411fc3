import type { KafkaBroker } from './kafka-cluster.ts';
import { type Place, placeOf } from './place.ts';

/** What a group has committed for these partitions: the offset of the next message it is to handle. Absent: nothing. */
export async function findCommitted(
  askCoordinator: <T>(request: (broker: KafkaBroker) => Promise<T>) => Promise<T>,
  groupId: string,
  places: readonly Place[],
): Promise<Map<string, bigint>> {
  const topics = [...Map.groupBy(places, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
    topic,
    partitions: ofTopic.map(({ partition }) => ({ partition })),
  }));
  const { responses } = await askCoordinator((broker) => broker.offsetFetch({ groupId, topics }));
  const committed = new Map<string, bigint>();
  for (const { topic, partitions } of responses) {
    for (const { partition, offset } of partitions) {
      // -1: nothing. `resetOffsets` of kafkajs leaves -2.
      if (BigInt(offset) >= 0n) committed.set(placeOf(topic, partition), BigInt(offset));
    }
  }
  return committed;
}
