import { Counter, Gauge, type Registry } from 'prom-client';
import { createBoundedLabel } from './bounded-label.ts';

export type TokenSource = 'cache' | 'vault' | 'refresh';

export type BrokerMetrics = {
  accessTokenRead(worker: string, source: TokenSource): void;
  attempt(providerId: string, outcome: string): void;
  callback(outcome: string): void;
  tokenReadUncounted(): void;
};

/** More than anybody runs; `ListTokenReads` tells of each. */
const mostWorkers = 200;

export function createBrokerMetrics(
  registry: Registry,
  gauges: { attemptsWaiting: () => number; tokenReadsWaiting: () => number },
): BrokerMetrics {
  const reads = new Counter({
    name: 'access_token_reads_total',
    help: 'Access tokens handed out to sync workers, by where they came from',
    labelNames: ['worker', 'source'],
    registers: [registry],
  });
  const workerLabel = createBoundedLabel(mostWorkers);
  const attempts = new Counter({
    name: 'refresh_attempts_total',
    help: 'Attempts at a provider (token request or identity call), by what came of them',
    labelNames: ['provider', 'outcome'],
    registers: [registry],
  });
  const callbacks = new Counter({
    name: 'authorization_callbacks_total',
    help: 'Finished authorizations, by outcome',
    labelNames: ['outcome'],
    registers: [registry],
  });
  new Gauge({
    name: 'refresh_attempts_waiting',
    help: 'Attempts that wait for a place at their provider',
    registers: [registry],
    collect() {
      this.set(gauges.attemptsWaiting());
    },
  });
  const uncounted = new Counter({
    name: 'access_token_reads_uncounted_total',
    help: 'Access tokens handed out that ListTokenReads does not count: the store was away for too long',
    registers: [registry],
  });
  new Gauge({
    name: 'access_token_read_counts_waiting',
    help: 'Counts of reads (by credential, worker and day) that are not in the store yet',
    registers: [registry],
    collect() {
      this.set(gauges.tokenReadsWaiting());
    },
  });
  return {
    accessTokenRead: (worker, source) => reads.inc({ worker: workerLabel(worker), source }),
    attempt: (provider, outcome) => attempts.inc({ provider, outcome }),
    callback: (outcome) => callbacks.inc({ outcome }),
    tokenReadUncounted: () => uncounted.inc(),
  };
}
