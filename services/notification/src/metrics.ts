import type { Clock } from '@credential-renewal/runtime';
import { Gauge, type Registry } from 'prom-client';
import { notificationKinds, notificationStates } from './notification.ts';
import type { NotificationStore } from './store/notification-store.ts';

/** Read from the store when asked, so the numbers are right after a restart too. */
export function registerMetrics(deps: {
  store: NotificationStore;
  clock: Clock;
  metrics: Registry;
}): void {
  const { store, clock, metrics } = deps;
  new Gauge({
    name: 'notification_notifications',
    help: 'Notifications by kind and state.',
    labelNames: ['kind', 'state'],
    registers: [metrics],
    async collect() {
      this.reset();
      for (const kind of notificationKinds) {
        for (const state of notificationStates) this.set({ kind, state }, 0);
      }
      for (const { kind, state, count } of await store.count()) this.set({ kind, state }, count);
    },
  });
  new Gauge({
    name: 'notification_oldest_unsent_age_seconds',
    help: 'How long the oldest notification that is not out is kept waiting by us: from when it was made, or, of a reminder or in a daily digest, from when its turn came; 0 when none waits.',
    registers: [metrics],
    async collect() {
      const oldestMs = await store.oldestUnsentSinceMs();
      this.set(oldestMs === undefined ? 0 : Math.max(0, clock.nowMs() - oldestMs) / 1000);
    },
  });
}
