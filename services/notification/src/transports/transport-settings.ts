import {
  type EgressSettings,
  readEgressSettings,
  type Settings,
} from '@credential-renewal/runtime';
import type { MailAddress } from '../sending/mail-address.ts';
import { isSendGridKey } from './sendgrid-key.ts';
import { parseLogin } from './smtp-login.ts';
import type { SmtpServer } from './smtp-server.ts';
import { splitWebhookKeys } from './webhook-keys.ts';

export type SendGridSettings = {
  kind: 'sendgrid';
  /** An origin. */
  baseUrl: string;
  apiKeyFile: string;
  webhook: { publicKeyFile: string; maxAgeMs: number };
  egress: EgressSettings;
};

export type SmtpSettings = {
  kind: 'smtp';
  server: SmtpServer;
  credentialsFile: string | undefined;
};

/** Where mails go out. Secrets stay in their files. */
export type TransportSettings = SendGridSettings | SmtpSettings;

const dayMs = 86_400_000;

/**
 * The settings of the transport that `MAIL_TRANSPORT_URL` chooses; undefined for one that sends nothing out (`mailbox:`). Files are read to be checked, and
 * again when they are used.
 */
export function readTransportSettings(
  settings: Settings,
  { url, mailFrom }: { url: URL; mailFrom: MailAddress },
): TransportSettings | undefined {
  const transport = readTransport(settings, url);
  if (transport && /@(.*\.)?localhost$/i.test(mailFrom.address))
    settings.problem('MAIL_FROM must be an address that can be answered, not one of localhost');
  return transport;
}

function readTransport(settings: Settings, url: URL): TransportSettings | undefined {
  switch (url.protocol) {
    case 'sendgrid:':
      return readSendGrid(settings, url);
    case 'smtp:':
    case 'smtps:':
      return readSmtp(settings, url);
    default:
      return undefined;
  }
}

function readSendGrid(settings: Settings, url: URL): SendGridSettings {
  refuseLogin(settings, url, 'the key belongs in SENDGRID_API_KEY_FILE');
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '')
    settings.problem('MAIL_TRANSPORT_URL must be sendgrid: or sendgrid://host');
  const host = url.host || 'api.sendgrid.com';
  return {
    kind: 'sendgrid',
    baseUrl: `${isLoopback(url.hostname) ? 'http' : 'https'}://${host}`,
    apiKeyFile: readFile(settings, 'SENDGRID_API_KEY_FILE', {
      isRight: isSendGridKey,
      holds: 'an API key of SendGrid',
    }),
    webhook: {
      publicKeyFile: readFile(settings, 'SENDGRID_WEBHOOK_PUBLIC_KEY_FILE', {
        isRight: (text) => splitWebhookKeys(text) !== undefined,
        holds: 'the verification key of the signed event webhook, or several',
      }),
      maxAgeMs: settings.integer('SENDGRID_WEBHOOK_MAX_AGE_MS', dayMs, {
        min: 60_000,
        max: 7 * dayMs,
      }),
    },
    egress: readEgressSettings(settings),
  };
}

function readSmtp(settings: Settings, url: URL): SmtpSettings {
  refuseLogin(settings, url, 'they belong in SMTP_CREDENTIALS_FILE');
  if (url.hostname === '' || !/^\/?$/.test(url.pathname) || url.hash !== '')
    settings.problem('MAIL_TRANSPORT_URL must name a server, such as smtp://mail.example:587');
  const tls = readTls(settings, url);
  const hasCredentials = settings.optionalText('SMTP_CREDENTIALS_FILE') !== undefined;
  if (hasCredentials && (tls === 'off' || tls === 'opportunistic') && !isLoopback(url.hostname))
    settings.problem(
      `SMTP_CREDENTIALS_FILE must not be used with tls=${tls} in MAIL_TRANSPORT_URL: others could read the password`,
    );
  return {
    kind: 'smtp',
    server: {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || (tls === 'implicit' ? 465 : 587)),
      tls,
      authorities: readEgressSettings(settings).authorities,
    },
    credentialsFile: hasCredentials
      ? readFile(settings, 'SMTP_CREDENTIALS_FILE', {
          isRight: (text) => parseLogin(text) !== undefined,
          holds: 'user:password',
        })
      : undefined,
  };
}

/** Whoever sends to a server on the same machine needs no TLS, and has rarely a certificate for it. */
function readTls(settings: Settings, url: URL): SmtpServer['tls'] {
  const names = [...url.searchParams.keys()];
  const asked = url.searchParams.get('tls');
  if (url.protocol === 'smtps:') {
    if (names.length > 0)
      settings.problem('MAIL_TRANSPORT_URL with smtps: takes nothing after the port');
    return 'implicit';
  }
  if (names.length === 0) return isLoopback(url.hostname) ? 'off' : 'required';
  if (names.length === 1 && (asked === 'required' || asked === 'opportunistic' || asked === 'off'))
    return asked;
  settings.problem(
    'MAIL_TRANSPORT_URL takes tls=required, tls=opportunistic or tls=off, and nothing else',
  );
  return 'required';
}

function refuseLogin(settings: Settings, url: URL, where: string): void {
  if (url.username !== '' || url.password !== '')
    settings.problem(`MAIL_TRANSPORT_URL must not hold a user or a password: ${where}`);
}

function readFile(
  settings: Settings,
  name: string,
  content: { isRight(text: string): boolean; holds: string },
): string {
  const path = settings.optionalText(name);
  if (path === undefined) {
    settings.problem(`${name} must be set: the file with ${content.holds}`);
    return '';
  }
  const text = settings.secretFile(name);
  // What cannot be read, or is empty, has been told already.
  if (text && !content.isRight(text))
    settings.problem(`${name} must name a file that holds ${content.holds}`);
  return path;
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname) || hostname.endsWith('.localhost');
}
