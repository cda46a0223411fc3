import { createLogger, systemClock } from '@credential-renewal/runtime';
import type { StoreSettings } from '@credential-renewal/storage';
import { createDeliveryReports } from '../reports/delivery-reports.ts';
import { createHandoverTransport } from '../sending/handover-transport.ts';
import { createSender } from '../sending/sender.ts';
import { openNotificationStores } from '../store/open-notification-stores.ts';
import type { DeliveryReport } from '../transports/delivery-report.ts';
import type { MailHandover } from '../transports/mail-handover.ts';
import { mailContext } from './deliveries.ts';

export type SenderProcessOptions = {
  store: StoreSettings;
  /** Takes mails with POST, and tells what became of them with GET. */
  serverUrl: string;
  reports: boolean;
  concurrency: number;
  /** How much later it is than the machine says: a process that comes after one that died finds its claims old. */
  laterMs: number;
};

// A sender as a process of its own, for tests that end it at any moment. It says `sending` when it begins and ends by itself when nothing waits.

const options = JSON.parse(process.argv[2] ?? '') as SenderProcessOptions;
const clock = { nowMs: () => systemClock.nowMs() + options.laterMs };
const logger = createLogger({ service: 'sender', level: 'silent' });

const handover: MailHandover = {
  name: options.reports ? 'sendgrid' : 'smtp',
  reports: options.reports,
  async handOver(mail) {
    const body = JSON.stringify(mail);
    const { ok } = await fetch(options.serverUrl, { method: 'POST', body });
    if (!ok) throw new Error('the server did not take it');
  },
  close: () => undefined,
};

const {
  notifications: store,
  preferences,
  reports,
  close,
} = await openNotificationStores(options.store, { clock, logger });
const apply = createDeliveryReports({
  ...{ store, preferences, reports, logger },
  onChanged: () => undefined,
});
const send = createSender({
  ...{ store, preferences, clock, logger, random: Math.random },
  transport: createHandoverTransport({
    ...{ handover, store, clock, logger },
    ...{ timeoutMs: 600_000, replyTimeoutMs: 600_000, reportWaitMs: 600_000 },
  }),
  contextOf: () => mailContext,
  concurrency: options.concurrency,
});
if (options.reports) {
  const told = await fetch(options.serverUrl);
  await apply((await told.json()) as DeliveryReport[]);
}
process.stdout.write('sending\n');
await send();
await close();
