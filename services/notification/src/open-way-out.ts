import type { Clock, Logger, ReadinessCheck } from '@credential-renewal/runtime';
import type { NotificationConfig } from './config.ts';
import { MailTransportUnknownError } from './errors.ts';
import { createHandoverTransport } from './handover-transport.ts';
import type { MailTransport } from './mail-transport.ts';
import { createMailboxTransport } from './mailbox-transport.ts';
import type { NotificationStores } from './store/open-notification-stores.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';
import type { MailHandover } from './transports/mail-handover.ts';

export type WayOut = {
  transport: MailTransport;
  /** Absent: the mailbox, which hands nothing to anybody. */
  rate?: TokenBucket;
  concurrency: number;
  readiness?: ReadinessCheck;
};

/** Opens what hands mails to other machines, as the configuration says. */
export type OpenHandover = (
  config: NotificationConfig,
) => Promise<{ handover: MailHandover; readiness?: ReadinessCheck }>;

/** The transport is chosen here, by the scheme of `MAIL_TRANSPORT_URL`. */
export async function openWayOut(
  config: NotificationConfig,
  deps: {
    store: NotificationStores['notifications'];
    mailbox: NotificationStores['mailbox'];
    clock: Clock;
    logger: Logger;
    openHandover: OpenHandover | undefined;
    onClose: (close: () => void) => void;
  },
): Promise<WayOut> {
  const { store, mailbox, clock, logger } = deps;
  if (config.mailTransportUrl.protocol === 'mailbox:') {
    return { transport: createMailboxTransport({ mailbox, clock }), concurrency: 1 };
  }
  if (!deps.openHandover) throw new MailTransportUnknownError(config.mailTransportUrl.protocol);
  const { handover, readiness } = await deps.openHandover(config);
  deps.onClose(() => handover.close());
  return {
    transport: createHandoverTransport({
      ...{ handover, store, clock, logger },
      timeoutMs: config.mailTimeoutMs,
      reportWaitMs: config.mailReportWaitMs,
    }),
    rate: createTokenBucket({ perSecond: config.mailRatePerSecond, clock }),
    concurrency: config.mailConcurrency,
    readiness,
  };
}
