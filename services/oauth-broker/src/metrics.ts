import { Counter, Gauge, type Registry } from 'prom-client';

export type TokenSource = 'cache' | 'vault' | 'refresh';

export type BrokerMetrics = {
  accessTokenRead(worker: string, source: TokenSource): void;
  attempt(providerId: string, outcome: string): void;
  callback(outcome: string): void;
};

export function createBrokerMetrics(
  registry: Registry,
  gauges: { attemptsWaiting: () => number },
): BrokerMetrics {
  const reads = new Counter({
    name: 'access_token_reads_total',
    help: 'Access tokens handed out to sync workers, by where they came from',
    labelNames: ['worker', 'source'],
    registers: [registry],
  });
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
  return {
    accessTokenRead: (worker, source) => reads.inc({ worker, source }),
    attempt: (provider, outcome) => attempts.inc({ provider, outcome }),
    callback: (outcome) => callbacks.inc({ outcome }),
  };
}
