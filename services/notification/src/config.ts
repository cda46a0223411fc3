import { type RpcSettings, readRpcSettings, readRpcTarget } from '@credential-renewal/rpc';
import { readSettings, type Settings } from '@credential-renewal/runtime';
import { readStoreSettings, type StoreSettings } from '@credential-renewal/storage';
import { type MailAddress, parseAddress } from './mail-address.ts';

export type NotificationConfig = {
  /** `unix:/path` or `host:port`. */
  listenAddress: string;
  /** Certificates for calls, and where probes ask. */
  rpc?: RpcSettings;
  store: StoreSettings;
  registryAddress: string;
  /** Where browsers reach the gateway; the base of every link in a mail. */
  publicUrl: URL;
  mailTransportUrl: URL;
  mailFrom: MailAddress;
  productName: string;
  digestWindowMs: number;
};

const localHosts = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Reads the environment; every wrong variable is named at once. */
export function readNotificationConfig(
  env: Record<string, string | undefined>,
): NotificationConfig {
  return readSettings(env, (settings) => ({
    listenAddress: settings.text('LISTEN_ADDRESS', '127.0.0.1:50054'),
    rpc: readRpcSettings(settings),
    store: readStoreSettings(settings),
    registryAddress: readRpcTarget(settings, 'REGISTRY_ADDRESS'),
    publicUrl: readPublicUrl(settings),
    mailTransportUrl: settings.url('MAIL_TRANSPORT_URL', ['mailbox'], 'mailbox:'),
    mailFrom: readMailFrom(settings),
    productName: settings.text('PRODUCT_NAME', 'Credential Renewal'),
    digestWindowMs: settings.integer('DIGEST_WINDOW_MS', 15 * 60_000, { min: 1 }),
  }));
}

/** A link that is mailed must not be readable or changeable on its way, except on one's own machine. */
function readPublicUrl(settings: Settings): URL {
  const url = settings.url('PUBLIC_URL', ['https', 'http']);
  const isLocal = localHosts.has(url.hostname) || url.hostname.endsWith('.localhost');
  if (url.protocol === 'http:' && !isLocal) {
    settings.problem('PUBLIC_URL must begin with https: unless its host is localhost');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    settings.problem('PUBLIC_URL must not have a user, a query or a fragment');
  }
  return url;
}

/** The default suits the mailbox, which sends nothing out; a transport that does must name a sender of its own. */
function readMailFrom(settings: Settings): MailAddress {
  const address = parseAddress(
    settings.text('MAIL_FROM', 'Credential Renewal <no-reply@localhost>'),
  );
  if (!address) settings.problem('MAIL_FROM must be an address, or a name and <address>');
  return address ?? { name: '', address: '' };
}
