import * as oauth from 'openid-client';

/** What a provider publishes about itself, by its issuer. */
export type Discovery = (
  issuer: string,
  options: { fetch: oauth.CustomFetch; httpTimeoutMs: number },
) => Promise<oauth.ServerMetadata>;

/** An issuer may have a part that people give. */
const largest = 10_000;

/** Asks each issuer once; a failed discovery is tried again at the next call. */
export function createDiscovery(): Discovery {
  const found = new Map<string, Promise<oauth.ServerMetadata>>();
  return (issuer, options) => {
    const known = found.get(issuer);
    if (known) return known;
    const asked = discover(issuer, options).catch((error: unknown) => {
      found.delete(issuer);
      throw error;
    });
    if (found.size >= largest) found.clear();
    found.set(issuer, asked);
    return asked;
  };
}

async function discover(
  issuer: string,
  { fetch, httpTimeoutMs }: { fetch: oauth.CustomFetch; httpTimeoutMs: number },
): Promise<oauth.ServerMetadata> {
  const ask = (algorithm: 'oidc' | 'oauth2') =>
    oauth.discovery(new URL(issuer), 'any', undefined, oauth.None(), {
      algorithm,
      execute: [oauth.allowInsecureRequests],
      timeout: httpTimeoutMs / 1000,
      [oauth.customFetch]: fetch,
    });
  // A plain OAuth server publishes its metadata at another well-known place (RFC 8414 section 3).
  const configuration = await ask('oidc').catch((error: unknown) =>
    isNotFound(error) ? ask('oauth2') : Promise.reject(error),
  );
  const metadata = { ...configuration.serverMetadata() };
  for (const endpoint of ['authorization_endpoint', 'token_endpoint'] as const) {
    if (metadata[endpoint] === undefined) throw new Error(`${issuer} announces no ${endpoint}`);
  }
  return metadata;
}

function isNotFound(error: unknown): boolean {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Response && cause.status === 404;
}
