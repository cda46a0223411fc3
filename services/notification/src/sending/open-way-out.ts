import {
  type Clock,
  createTokenBucket,
  type Logger,
  type ReadinessCheck,
  type TokenBucket,
} from '@credential-renewal/runtime';
import type { Registry } from 'prom-client';
import type { NotificationConfig } from '../config.ts';
import type { NotificationStores } from '../store/open-notification-stores.ts';
import { openMailHandover } from '../transports/open-mail-handover.ts';
import type { ReportReader } from '../transports/report-reader.ts';
import { createHandoverTransport } from './handover-transport.ts';
import type { MailTransport } from './mail-transport.ts';
import { createMailboxTransport } from './mailbox-transport.ts';

export type WayOut = {
  transport: MailTransport;
  /** Absent: the mailbox, which hands nothing to anybody. */
  rate?: TokenBucket;
  concurrency: number;
  readiness: Record<string, ReadinessCheck>;
  readers: ReadonlyMap<string, ReportReader>;
};

/** The transport is chosen here, by the scheme of `MAIL_TRANSPORT_URL`. */
export async function openWayOut(
  config: NotificationConfig,
  deps: {
    store: NotificationStores['notifications'];
    mailbox: NotificationStores['mailbox'];
    clock: Clock;
    logger: Logger;
    metrics: Registry;
    onClose: (close: () => void) => void;
  },
): Promise<WayOut> {
  const { store, mailbox, clock, logger, metrics } = deps;
  if (!config.mailTransport) {
    const transport = createMailboxTransport({ mailbox, clock });
    return { transport, concurrency: 1, readiness: {}, readers: new Map() };
  }
  const opened = await openMailHandover(config.mailTransport, { clock, metrics });
  const { handover } = opened;
  deps.onClose(() => handover.close());
  return {
    transport: createHandoverTransport({
      ...{ handover, store, clock, logger },
      timeoutMs: config.mailTimeoutMs,
      replyTimeoutMs: config.mailReplyTimeoutMs,
      reportWaitMs: config.mailReportWaitMs,
    }),
    rate: createTokenBucket({ perSecond: config.mailRatePerSecond, clock }),
    concurrency: config.mailConcurrency,
    readiness: { mail: opened.readiness },
    readers: opened.readers,
  };
}
