import type { TokenSet } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import * as oauth from 'openid-client';
import type { Provider } from '../catalogue/catalogue.ts';
import { isPrivateHostAllowed } from '../catalogue/check-provider.ts';
import { normaliseAnswer } from './normalise-answer.ts';
import { createProviderFetch, type ProviderFetch } from './provider-http.ts';
import { tokenSetOf } from './token-set.ts';

/** Our OAuth client at one provider. Every call throws what `refusalOf` reads. */
export type ProviderClient = {
  provider: Provider;
  fetch: ProviderFetch;
  /** Endpoints and client authentication. Discovery happens at the first call; a failed one is tried again at the next. */
  configuration(): Promise<oauth.Configuration>;
  refresh(refreshToken: string): Promise<TokenSet>;
  /** RFC 7009. */
  revoke(token: string, typeHint: string): Promise<void>;
};

export function createProviderClient(
  provider: Provider,
  options: { httpTimeoutMs: number },
): ProviderClient {
  const plainFetch = createProviderFetch({
    timeoutMs: options.httpTimeoutMs,
    allowsPrivate: (url) => isPrivateHostAllowed(provider, url),
  });
  const fetch: oauth.CustomFetch = async (url, init) => {
    const response = await plainFetch(url, init);
    if (init.method !== 'POST') return response;
    return normaliseAnswer(provider, response, { refresh: isRefresh(init.body) });
  };
  let discovered: Promise<oauth.Configuration> | undefined;

  function configuration(): Promise<oauth.Configuration> {
    discovered ??= configure(provider, fetch, options.httpTimeoutMs).catch((error: unknown) => {
      discovered = undefined;
      throw error;
    });
    return discovered;
  }

  return {
    provider,
    fetch: plainFetch,
    configuration,
    async refresh(refreshToken) {
      const answer = await oauth.refreshTokenGrant(await configuration(), refreshToken);
      return tokenSetOf(provider, answer);
    },
    async revoke(token, typeHint) {
      await oauth.tokenRevocation(await configuration(), token, { token_type_hint: typeHint });
    },
  };
}

function isRefresh(body: oauth.FetchBody): boolean {
  return body instanceof URLSearchParams && body.get('grant_type') === 'refresh_token';
}

async function configure(
  provider: Provider,
  fetch: oauth.CustomFetch,
  httpTimeoutMs: number,
): Promise<oauth.Configuration> {
  const metadata = await serverMetadata(provider, fetch, httpTimeoutMs);
  const configuration = new oauth.Configuration(
    {
      ...metadata,
      authorization_response_iss_parameter_supported:
        provider.issuerParameter === true ||
        metadata.authorization_response_iss_parameter_supported === true,
    },
    provider.client.id,
    provider.clientSecret === undefined ? {} : { client_secret: provider.clientSecret },
    clientAuthentication(provider),
  );
  configuration[oauth.customFetch] = fetch;
  configuration.timeout = httpTimeoutMs / 1000;
  // Plain http is decided per URL in provider-http, where only hosts that an operator listed may be spoken to so.
  oauth.allowInsecureRequests(configuration);
  return configuration;
}

async function serverMetadata(
  provider: Provider,
  fetch: oauth.CustomFetch,
  httpTimeoutMs: number,
): Promise<oauth.ServerMetadata> {
  const { endpoints } = provider;
  if (endpoints) {
    return {
      issuer: provider.issuer,
      authorization_endpoint: endpoints.authorization,
      token_endpoint: endpoints.token,
      revocation_endpoint: endpoints.revocation,
      userinfo_endpoint: endpoints.userinfo,
    };
  }
  const discover = (algorithm: 'oidc' | 'oauth2') =>
    oauth.discovery(new URL(provider.issuer), provider.client.id, undefined, oauth.None(), {
      algorithm,
      execute: [oauth.allowInsecureRequests],
      timeout: httpTimeoutMs / 1000,
      [oauth.customFetch]: fetch,
    });
  // A plain OAuth server publishes its metadata at another well-known place (RFC 8414 section 3).
  const found = await discover('oidc').catch((error: unknown) =>
    isNotFound(error) ? discover('oauth2') : Promise.reject(error),
  );
  return { ...found.serverMetadata() };
}

function isNotFound(error: unknown): boolean {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Response && cause.status === 404;
}

function clientAuthentication(provider: Provider): oauth.ClientAuth {
  switch (provider.client.authentication) {
    case 'client_secret_basic':
      return oauth.ClientSecretBasic(provider.clientSecret);
    case 'client_secret_post':
      return oauth.ClientSecretPost(provider.clientSecret);
    case 'none':
      return oauth.None();
    default:
      return provider.client.authentication satisfies never;
  }
}
