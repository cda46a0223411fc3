import { Gauge, type Registry } from 'prom-client';
import type { Outbox } from './outbox.ts';

/** What waits in a service's outbox: `<service>_outbox_events` and `<service>_outbox_oldest_age_seconds`. */
export function measureOutbox(service: string, outbox: Outbox, metrics: Registry): void {
  new Gauge({
    name: `${service}_outbox_events`,
    help: 'Events that wait to be published.',
    registers: [metrics],
    async collect() {
      this.set((await outbox.backlog()).count);
    },
  });
  new Gauge({
    name: `${service}_outbox_oldest_age_seconds`,
    help: 'Age of the oldest event that waits to be published.',
    registers: [metrics],
    async collect() {
      this.set((await outbox.backlog()).oldestAgeMs / 1000);
    },
  });
}
