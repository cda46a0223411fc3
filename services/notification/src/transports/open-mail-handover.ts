import { type Clock, createGuardedFetch, type ReadinessCheck } from '@credential-renewal/runtime';
import type { Registry } from 'prom-client';
import type { MailHandover } from './mail-handover.ts';
import type { ReportReader } from './report-reader.ts';
import { createSecretFile } from './secret-file.ts';
import type { SendGridSettings, SmtpSettings, TransportSettings } from './transport-settings.ts';
import { watchHandover } from './watched-handover.ts';

export type OpenedHandover = {
  handover: MailHandover;
  /** Degraded while the other side refuses us. */
  readiness: ReadinessCheck;
  /** Who can read the reports of this transport, for `createReceiveDeliveryReports`. */
  readers: ReadonlyMap<string, ReportReader>;
};

const sendGridTimeoutMs = 30_000;

/** Opens the transport that was chosen, and loads the library of that one alone. Nothing is connected before the first mail. */
export async function openMailHandover(
  settings: TransportSettings,
  { clock, metrics }: { clock: Clock; metrics: Registry },
): Promise<OpenedHandover> {
  switch (settings.kind) {
    case 'sendgrid':
      return {
        ...watchHandover(await openSendGrid(settings, clock), metrics),
        readers: new Map([['sendgrid', await openWebhook(settings, clock)]]),
      };
    case 'smtp':
      return { ...watchHandover(await openSmtp(settings), metrics), readers: new Map() };
    default:
      return settings satisfies never;
  }
}

async function openSendGrid(settings: SendGridSettings, clock: Clock): Promise<MailHandover> {
  const { createSendGridHandover } = await import('./sendgrid-handover.ts');
  const { baseUrl, egress } = settings;
  // Plain HTTP is chosen for a server on this machine only, see the settings.
  const isLocal = baseUrl.startsWith('http:');
  return createSendGridHandover({
    baseUrl,
    apiKey: createSecretFile(settings.apiKeyFile),
    fetch: createGuardedFetch({
      timeoutMs: sendGridTimeoutMs,
      allowsPrivate: ({ origin }) => isLocal && origin === baseUrl,
      egress,
    }),
    clock,
  });
}

async function openWebhook({ webhook }: SendGridSettings, clock: Clock): Promise<ReportReader> {
  const { createSendGridWebhook } = await import('./sendgrid-webhook.ts');
  return createSendGridWebhook({
    keys: createSecretFile(webhook.publicKeyFile),
    clock,
    maxAgeMs: webhook.maxAgeMs,
  });
}

async function openSmtp({ server, credentialsFile }: SmtpSettings): Promise<MailHandover> {
  const { createSmtpHandover } = await import('./smtp-handover.ts');
  return createSmtpHandover({
    server,
    credentials: credentialsFile === undefined ? undefined : createSecretFile(credentialsFile),
  });
}
