import { Counter, Gauge, type Registry } from 'prom-client';

export type KafkaMetrics = {
  publishFailed(events: number): void;
  deadLetter(group: string): void;
};

/** What the process sees of the event log. */
export function registerKafkaMetrics(options: {
  metrics: Registry;
  problem: () => string | undefined;
  /** By group, then by topic. */
  lags: () => Promise<Record<string, Record<string, number>>>;
}): KafkaMetrics {
  const { metrics, problem, lags } = options;
  const registers = [metrics];
  const failures = new Counter({
    name: 'event_log_publish_failures_total',
    help: 'Events that the brokers did not acknowledge; their publishers try again.',
    registers,
  });
  const letters = new Counter({
    name: 'event_log_dead_letters_total',
    help: 'Events and messages that were set aside as dead letters.',
    labelNames: ['group'],
    registers,
  });
  new Gauge({
    name: 'event_log_usable',
    help: '1 while brokers answer and the topics are as they must be.',
    registers,
    collect() {
      this.set(problem() === undefined ? 1 : 0);
    },
  });
  new Gauge({
    name: 'event_log_consumer_lag_events',
    help: 'Events that a group of this process has not handled yet; on a compacted topic at most as many.',
    labelNames: ['group', 'topic'],
    registers,
    async collect() {
      this.reset();
      for (const [group, ofGroup] of Object.entries(await lags())) {
        for (const [topic, count] of Object.entries(ofGroup)) this.set({ group, topic }, count);
      }
    },
  });
  return {
    publishFailed: (events) => failures.inc(events),
    deadLetter: (group) => letters.inc({ group }),
  };
}
