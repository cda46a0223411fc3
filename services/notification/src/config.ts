import { type RpcSettings, readRpcSettings, readRpcTarget } from '@credential-renewal/rpc';
import { readSettings, type Settings } from '@credential-renewal/runtime';
import { readStoreSettings, type StoreSettings } from '@credential-renewal/storage';
import { type BrandingByAccount, readBranding } from './sending/branding.ts';
import { type MailAddress, parseAddress } from './sending/mail-address.ts';
import { publicUrlProblem } from './sending/public-url.ts';
import { readTransportSettings, type TransportSettings } from './transports/transport-settings.ts';

export type NotificationConfig = {
  /** `unix:/path` or `host:port`. */
  listenAddress: string;
  /** Certificates for calls, and where probes ask. */
  rpc?: RpcSettings;
  store: StoreSettings;
  registryAddress: string;
  /** Where browsers reach the gateway; the base of every link in a mail. */
  publicUrl: URL;
  /** Absent: the mailbox. */
  mailTransport: TransportSettings | undefined;
  mailFrom: MailAddress;
  productName: string;
  branding: BrandingByAccount;
  digestWindowMs: number;
  dailyDigestHourUtc: number;
  /** Signs the links of reminders; made at the first start. Absent: reminders carry none. */
  unsubscribeKeyFile: string | undefined;
  /** Of each replica, where mails go out. */
  mailRatePerSecond: number;
  /** Mails under way at once, where they go out. */
  mailConcurrency: number;
  mailTimeoutMs: number;
  /** How long a mail server may take to answer once it has the whole mail. */
  mailReplyTimeoutMs: number;
  /** How long a transport that reports may be silent about a mail before it is sent again. */
  mailReportWaitMs: number;
  /** How long it is remembered who was told of what. */
  retentionMs: number;
};

/** What stands in the event log, and what a mail provider reports, may be of notifications so old. */
const minRetentionDays = 60;
const dayMs = 24 * 3_600_000;

/** Reads the environment; every wrong variable is named at once. */
export function readNotificationConfig(
  env: Record<string, string | undefined>,
): NotificationConfig {
  return readSettings(env, (settings) => {
    const transport = settings.url(
      'MAIL_TRANSPORT_URL',
      ['mailbox', 'sendgrid', 'smtp', 'smtps'],
      'mailbox:',
    );
    const mailFrom = readMailFrom(settings, transport);
    return {
      listenAddress: settings.text('LISTEN_ADDRESS', '127.0.0.1:50054'),
      rpc: readRpcSettings(settings),
      store: readStoreSettings(settings),
      registryAddress: readRpcTarget(settings, 'REGISTRY_ADDRESS'),
      publicUrl: readPublicUrl(settings),
      mailTransport: readTransportSettings(settings, { url: transport, mailFrom }),
      mailFrom,
      productName: settings.text('PRODUCT_NAME', 'Credential Renewal'),
      branding: readBranding(settings),
      digestWindowMs: settings.integer('DIGEST_WINDOW_MS', 15 * 60_000, { min: 1 }),
      dailyDigestHourUtc: settings.integer('DAILY_DIGEST_HOUR', 6, { max: 23 }),
      unsubscribeKeyFile: readUnsubscribeKeyFile(settings, transport),
      mailRatePerSecond: settings.integer('MAIL_RATE_PER_SECOND', 10, { min: 1, max: 10_000 }),
      mailConcurrency: settings.integer('MAIL_CONCURRENCY', 10, { min: 1, max: 200 }),
      mailTimeoutMs: settings.integer('MAIL_TIMEOUT_MS', 60_000, { min: 1_000, max: 600_000 }),
      // RFC 5321 section 4.5.3.2.6 asks for ten minutes.
      mailReplyTimeoutMs: settings.integer('MAIL_REPLY_TIMEOUT_MS', 10 * 60_000, {
        ...{ min: 1_000, max: 30 * 60_000 },
      }),
      mailReportWaitMs: settings.integer('MAIL_REPORT_WAIT_MS', 10 * 60_000, { min: 1_000 }),
      retentionMs:
        dayMs *
        settings.integer('NOTIFICATION_RETENTION_DAYS', 400, {
          min: minRetentionDays,
          max: 36_500,
        }),
    };
  });
}

function readPublicUrl(settings: Settings): URL {
  const url = settings.url('PUBLIC_URL', ['https', 'http']);
  const problem = publicUrlProblem(url);
  if (problem && url.protocol !== 'invalid:') settings.problem(`PUBLIC_URL ${problem}`);
  return url;
}

/** The default suits the mailbox, which sends nothing out; a transport that does must name a sender of its own. */
function readMailFrom(settings: Settings, transport: URL): MailAddress {
  const fallback = isMailbox(transport) ? 'Credential Renewal <no-reply@localhost>' : undefined;
  const text = settings.text('MAIL_FROM', fallback);
  const address = parseAddress(text);
  if (!address && text) settings.problem('MAIL_FROM must be an address, or a name and <address>');
  return address ?? { name: '', address: '' };
}

/** The links of reminders must work for as long as the mails lie in inboxes, so with mails that go out their key is a file. */
function readUnsubscribeKeyFile(settings: Settings, transport: URL): string | undefined {
  const path = settings.optionalText('UNSUBSCRIBE_KEY_FILE');
  if (path === undefined && !isMailbox(transport)) {
    settings.problem('UNSUBSCRIBE_KEY_FILE must be set where mails go out');
  }
  return path;
}

function isMailbox({ protocol }: URL): boolean {
  return protocol === 'mailbox:' || protocol === 'invalid:';
}
