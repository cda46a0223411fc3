import { Counter, type Registry } from 'prom-client';
import type { HandoverFailure } from './handover-failure.ts';
import type { MailKind } from './mail.ts';
import type { MailTransport } from './mail-transport.ts';

/** Counts what the sender does. */
export type MailMetrics = {
  sent(kind: MailKind): void;
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
  metrics: Registry;
}): MailMetrics {
  const { transport, metrics } = deps;
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
  for (const one of failureClasses) failures.inc({ transport, class: one }, 0);
  return {
    sent: (kind) => mails.inc({ transport, kind }),
    failed: (failure) => failures.inc({ transport, class: failure }),
  };
}
