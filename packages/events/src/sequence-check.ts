import type { Clock, Logger } from '@credential-renewal/runtime';
import { compactedTopics } from './cloud-event.ts';
import type { LoggedEvent } from './event-log.ts';
import { compactionLagMs } from './event-retention.ts';

/** Whether events of a key come without a gap, as their sequence numbers promise. It tells of one; the events are handled all the same. */
export type SequenceCheck = {
  look(logged: LoggedEvent): void;
  /** What was seen of a partition may be old by now: another member has had it. */
  forget(topic: string, partition: number): void;
};

type Seen = { sequence: number; timeMs: number };

/** Of the keys of a partition, those that were seen last are remembered. */
const keysPerPartition = 2000;

/**
 * The first event of a key says nothing: it may have been handled elsewhere before. An older or equal number is a repetition.
 *
 * Compaction leaves gaps too, but only of events that are older than its lag. What is missing came after the event that was seen before it, so a gap
 * behind an event that is younger than the lag is none of compaction's.
 */
export function createSequenceCheck(options: {
  group: string;
  clock: Clock;
  logger: Logger;
  counted: (topic: string) => void;
}): SequenceCheck {
  const { group, clock, logger, counted } = options;
  const byPlace = new Map<string, Map<string, Seen>>();

  function isCompacted(topic: string, before: Seen): boolean {
    return compactedTopics.has(topic) && before.timeMs < clock.nowMs() - compactionLagMs;
  }

  return {
    look({ topic, partition, event }) {
      // A replay brings back single events, long after the others.
      if (topic !== event.type) return;
      const place = `${topic} ${partition}`;
      const seen = byPlace.get(place) ?? new Map<string, Seen>();
      byPlace.set(place, seen);
      const before = seen.get(event.partitionkey);
      const now = { sequence: Number(event.sequence), timeMs: Date.parse(event.time) };
      if (before && now.sequence <= before.sequence) return;
      // Set anew, so that it is the youngest in the order of the map.
      seen.delete(event.partitionkey);
      seen.set(event.partitionkey, now);
      if (seen.size > keysPerPartition) seen.delete(seen.keys().next().value as string);
      if (!before || now.sequence === before.sequence + 1 || isCompacted(topic, before)) return;
      counted(topic);
      logger.warn(
        {
          ...{ group, topic, partition, event_id: event.id, key: event.partitionkey },
          ...{ last: before.sequence, found: now.sequence },
        },
        'events of a key are missing between these two sequence numbers',
      );
    },
    forget: (topic, partition) => byPlace.delete(`${topic} ${partition}`),
  };
}
