import { Counter, type Registry } from 'prom-client';

/** What a consumer group counts, per topic. */
export type ConsumerCounters = {
  sequenceGap(topic: string): void;
  duplicate(topic: string): void;
};

/** Counts for `group`, in a registry that the consumers of one process share. */
export function createConsumerCounters(
  group: string,
  metrics: Registry | undefined,
): ConsumerCounters {
  const count = (name: string, help: string) => {
    if (!metrics) return () => undefined;
    const counter =
      (metrics.getSingleMetric(name) as Counter | undefined) ??
      new Counter({ name, help, labelNames: ['group', 'topic'], registers: [metrics] });
    return (topic: string) => counter.inc({ group, topic });
  };
  return {
    sequenceGap: count(
      'event_sequence_gaps_total',
      'Gaps in the sequence numbers of a key: events that a consumer group has not seen.',
    ),
    duplicate: count(
      'event_duplicates_total',
      'Events that came again after a consumer group had handled them.',
    ),
  };
}
