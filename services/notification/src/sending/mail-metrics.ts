import type { Clock } from '@credential-renewal/runtime';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Notification } from '../notification.ts';
import type { HandoverFailure } from './handover-failure.ts';
import type { MailKind } from './mail.ts';
import type { MailTransport } from './mail-transport.ts';

/** Counts what the sender does. */
export type MailMetrics = {
  /** `parts` are the notifications that the mail was made of. */
  sent(kind: MailKind, parts: readonly Notification[]): void;
  failed(failure: HandoverFailure['kind']): void;
};

const failureClasses: readonly HandoverFailure['kind'][] = [
  'refused',
  'busy',
  'not_handed_over',
  'unknown',
];

export function createMailMetrics(deps: {
  transport: MailTransport['name'];
  clock: Clock;
  metrics: Registry;
}): MailMetrics {
  const { transport, clock, metrics } = deps;
  const mails = new Counter({
    name: 'notification_mails_total',
    help: 'Mails that the transport has accepted, by kind.',
    labelNames: ['transport', 'kind'],
    registers: [metrics],
  });
  const failures = new Counter({
    name: 'notification_mail_failures_total',
    help: 'Tries to send a mail that failed, by what the failure means: refused (for good), busy (the transport asks for patience), not_handed_over, unknown (it may be out).',
    labelNames: ['transport', 'class'],
    registers: [metrics],
  });
  const delay = new Histogram({
    name: 'notification_death_to_mail_seconds',
    help: 'From the moment a credential was found dead to the mail that tells of it, those in a digest included.',
    buckets: [1, 5, 15, 60, 300, 900, 3_600, 6 * 3_600, 86_400],
    registers: [metrics],
  });
  for (const one of failureClasses) failures.inc({ transport, class: one }, 0);
  return {
    sent(kind, parts) {
      mails.inc({ transport, kind });
      for (const part of parts) {
        if (part.kind !== 'expired') continue;
        delay.observe(Math.max(0, clock.nowMs() - part.trouble.sinceMs) / 1000);
      }
    },
    failed: (failure) => failures.inc({ transport, class: failure }),
  };
}
