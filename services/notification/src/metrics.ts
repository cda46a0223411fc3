import type { Clock } from '@credential-renewal/runtime';
import { Gauge, Histogram, type Registry } from 'prom-client';
import type { Notification } from './notification.ts';
import type { NotificationStore } from './store/notification-store.ts';

export type NotificationMetrics = {
  /** A mail of it has gone out. */
  mailed(notification: Notification): void;
};

/** What waits is read from the store when asked, so the numbers are right after a restart too. */
export function registerMetrics(deps: {
  store: NotificationStore;
  clock: Clock;
  metrics: Registry;
}): NotificationMetrics {
  const { store, clock, metrics } = deps;
  new Gauge({
    name: 'notification_notifications',
    help: 'Notifications by kind and state.',
    labelNames: ['kind', 'state'],
    registers: [metrics],
    async collect() {
      this.reset();
      for (const kind of ['expired', 'recovered'] as const) {
        for (const state of ['waiting', 'sent', 'cancelled', 'failed'] as const) {
          this.set({ kind, state }, 0);
        }
      }
      for (const { kind, state, count } of await store.count()) this.set({ kind, state }, count);
    },
  });
  new Gauge({
    name: 'notification_oldest_unsent_age_seconds',
    help: 'Age of the oldest notification that waits to be sent, those in a digest included; 0 when none waits.',
    registers: [metrics],
    async collect() {
      const oldestMs = await store.oldestWaitingCreatedAtMs();
      this.set(oldestMs === undefined ? 0 : Math.max(0, clock.nowMs() - oldestMs) / 1000);
    },
  });
  const delay = new Histogram({
    name: 'notification_death_to_mail_seconds',
    help: 'From the moment a credential was found dead to the mail that tells of it, those in a digest included.',
    buckets: [1, 5, 15, 60, 300, 900, 3_600, 6 * 3_600, 86_400],
    registers: [metrics],
  });
  return {
    mailed({ kind, trouble }) {
      if (kind === 'expired') delay.observe(Math.max(0, clock.nowMs() - trouble.sinceMs) / 1000);
    },
  };
}
