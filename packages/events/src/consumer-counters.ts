import { Counter, Histogram, type Registry } from 'prom-client';

import type { HandlerFailure } from './consumer.ts';

/** What a consumer group counts, per topic. */
export type ConsumerCounters = {
  sequenceGap(topic: string): void;
  duplicate(topic: string): void;
  /** One try to handle an event is over. */
  handled(topic: string, durationMs: number, outcome: 'done' | HandlerFailure): void;
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
    handled: measureHandling(group, metrics),
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

function measureHandling(
  group: string,
  metrics: Registry | undefined,
): ConsumerCounters['handled'] {
  if (!metrics) return () => undefined;
  const name = 'event_handling_duration_seconds';
  const duration =
    (metrics.getSingleMetric(name) as Histogram | undefined) ??
    new Histogram({
      name,
      help: 'Duration of tries to handle an event, by what came of it: done, or the kind of failure.',
      labelNames: ['group', 'topic', 'outcome'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers: [metrics],
    });
  return (topic, durationMs, outcome) =>
    duration.observe({ group, topic, outcome }, durationMs / 1000);
}
