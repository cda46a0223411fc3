import { Gauge, type Registry } from 'prom-client';

/** How many event streams are open. */
export function registerLiveMetrics(metrics: Registry): Gauge {
  return new Gauge({
    name: 'gateway_event_streams',
    help: 'Open server-sent event streams.',
    registers: [metrics],
  });
}
