import { Counter, type Registry } from 'prom-client';

const name = 'event_sequence_gaps_total';

/** Counts for `group`, in a registry that the consumers of one process share. */
export function countSequenceGaps(
  group: string,
  metrics: Registry | undefined,
): (topic: string) => void {
  if (!metrics) return () => undefined;
  const counter =
    (metrics.getSingleMetric(name) as Counter | undefined) ??
    new Counter({
      name,
      help: 'Gaps in the sequence numbers of a key: events that a consumer group has not seen.',
      labelNames: ['group', 'topic'],
      registers: [metrics],
    });
  return (topic) => counter.inc({ group, topic });
}
