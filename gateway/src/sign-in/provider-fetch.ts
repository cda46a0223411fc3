import { createGuardedFetch, type EgressSettings } from '@credential-renewal/runtime';
import { type GatewayConfig, isLoopback } from '../config.ts';

/** What openid-client and jose take for `fetch`. */
export type ProviderFetch = (
  url: string,
  init: {
    method: string;
    headers: Record<string, string> | Headers;
    body?: unknown;
    signal?: AbortSignal | undefined;
  },
) => Promise<Response>;

/**
 * For every call to the identity provider. Its discovery document names the other URLs, so all are held to the public internet, but
 * for an issuer on the same machine and the hosts that an operator lists. Rejects with OutgoingRequestError.
 */
export function createProviderFetch(options: {
  issuer: URL;
  allowPrivateHosts: GatewayConfig['identityProvider']['allowPrivateHosts'];
  egress: EgressSettings | undefined;
  timeoutMs: number;
}): ProviderFetch {
  const { issuer, allowPrivateHosts = [], egress = {}, timeoutMs } = options;
  const allowed = new Set(allowPrivateHosts);
  if (isLoopback(issuer)) allowed.add(hostAndPort(issuer));
  const fetch = createGuardedFetch({
    ...{ timeoutMs, egress },
    allowsPrivate: (url) => allowed.has(hostAndPort(url)),
  });
  return (url, { headers, ...init }) =>
    fetch(url, { ...init, headers: Object.fromEntries(new Headers(headers)) });
}

/** `name:port`, as the setting lists it: the usual port is written out, too. */
function hostAndPort(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
}
