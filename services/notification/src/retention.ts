import type { Clock } from '@credential-renewal/runtime';
import type { MailboxStore } from './store/mailbox-store.ts';
import type { NotificationStore } from './store/notification-store.ts';

const batch = 1_000;

/**
 * Forgets who was told of what once it is older than `retentionMs` and nothing more will happen to it, and the mails of the mailbox with it: names
 * and addresses of people are kept no longer than anybody looks for them. Notifications go a batch at a time, so that mails go on meanwhile.
 */
export function createRetention({
  store,
  mailbox,
  clock,
  retentionMs,
}: {
  store: NotificationStore;
  mailbox: MailboxStore;
  clock: Clock;
  retentionMs: number;
}): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    const beforeMs = clock.nowMs() - retentionMs;
    await mailbox.forget(beforeMs);
    while (!signal.aborted && (await store.forget(beforeMs, batch)) > 0);
  };
}
