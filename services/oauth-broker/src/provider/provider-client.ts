import type { TokenSet } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import {
  createGuardedFetch,
  type EgressSettings,
  type GuardedFetch,
} from '@credential-renewal/runtime';
import * as oauth from 'openid-client';
import type { Provider } from '../catalogue/catalogue.ts';
import { isPrivateHostAllowed } from '../catalogue/check-urls.ts';
import { clientAuthentication } from './client-authentication.ts';
import { createDiscovery, type Discovery } from './discovery.ts';
import { normaliseAnswer } from './normalise-answer.ts';
import { lifeUntil } from './token-lives.ts';
import { kindOfRequest, shapeTokenRequest } from './token-request.ts';
import { type TokenAnswer, tokenSetOf } from './token-set.ts';

/** Our OAuth client at one provider. Every call throws what `refusalOf` reads. */
export type ProviderClient = {
  provider: Provider;
  fetch: GuardedFetch;
  /** Endpoints and client authentication. Discovery happens at the first call; a failed one is tried again at the next. */
  configuration(): Promise<oauth.Configuration>;
  refresh(refreshToken: string, nowMs: number): Promise<TokenSet>;
  /** What is kept of an answer; asks for the end of the access token where the answer does not say it. Never throws. */
  tokensOf(answer: TokenAnswer, nowMs: number): Promise<TokenSet>;
  /** RFC 7009. */
  revoke(token: string, typeHint: string): Promise<void>;
};

/** An answer is waiting to be stored meanwhile, so this must not take long. */
const introspectionMs = 2_000;

export function createProviderClient(
  provider: Provider,
  options: { httpTimeoutMs: number; discovery?: Discovery; egress?: EgressSettings | undefined },
): ProviderClient {
  const { httpTimeoutMs, discovery = createDiscovery(), egress = {} } = options;
  const plainFetch = createGuardedFetch({
    egress,
    timeoutMs: httpTimeoutMs,
    allowsPrivate: (url) => isPrivateHostAllowed(provider, url),
  });
  const fetch: oauth.CustomFetch = async (url, init) => {
    if (init.method !== 'POST') return plainFetch(url, init);
    const kind = kindOfRequest(init.body);
    const shaped = kind === 'other' ? init : shapeTokenRequest(provider, init);
    return normaliseAnswer(provider, await plainFetch(url, shaped), kind);
  };
  let configured: Promise<oauth.Configuration> | undefined;

  function configuration(): Promise<oauth.Configuration> {
    configured ??= configure().catch((error: unknown) => {
      configured = undefined;
      throw error;
    });
    return configured;
  }

  async function configure(): Promise<oauth.Configuration> {
    const metadata = await serverMetadata();
    const configuration = new oauth.Configuration(
      {
        ...metadata,
        authorization_response_iss_parameter_supported:
          provider.issuerParameter === true ||
          metadata.authorization_response_iss_parameter_supported === true,
      },
      provider.client.id,
      provider.client.secret === undefined ? {} : { client_secret: provider.client.secret },
      await clientAuthentication(provider.client, metadata),
    );
    configuration[oauth.customFetch] = fetch;
    configuration.timeout = httpTimeoutMs / 1000;
    // Plain http is decided per URL by the guarded fetch, where only hosts that an operator listed may be spoken to so.
    oauth.allowInsecureRequests(configuration);
    return configuration;
  }

  async function serverMetadata(): Promise<oauth.ServerMetadata> {
    const { endpoints, issuer } = provider;
    if (!endpoints) return discovery(issuer, { fetch, httpTimeoutMs });
    return {
      issuer,
      authorization_endpoint: endpoints.authorization,
      token_endpoint: endpoints.token,
      revocation_endpoint: endpoints.revocation,
      introspection_endpoint: endpoints.introspection,
      userinfo_endpoint: endpoints.userinfo,
    };
  }

  async function tokensOf(answer: TokenAnswer, nowMs: number): Promise<TokenSet> {
    if (answer.expires_in !== undefined || !provider.accessToken.introspect)
      return tokenSetOf(provider, answer);
    const expires_in = await introspectedLife(answer.access_token, nowMs).catch(() => undefined);
    return tokenSetOf(provider, { ...answer, ...(expires_in === undefined ? {} : { expires_in }) });
  }

  async function introspectedLife(token: string, nowMs: number): Promise<number | undefined> {
    const asked = oauth.tokenIntrospection(await configuration(), token);
    const late = AbortSignal.timeout(Math.min(introspectionMs, httpTimeoutMs));
    const gaveUp = new Promise<undefined>((resolve) => {
      late.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    asked.catch(() => undefined);
    const found = await Promise.race([asked, gaveUp]);
    return found?.active === true ? lifeUntil(found.exp, nowMs) : undefined;
  }

  return {
    provider,
    fetch: plainFetch,
    configuration,
    tokensOf,
    async refresh(refreshToken, nowMs) {
      const answer = await oauth.refreshTokenGrant(await configuration(), refreshToken);
      return tokensOf(answer, nowMs);
    },
    async revoke(token, typeHint) {
      await oauth.tokenRevocation(await configuration(), token, { token_type_hint: typeHint });
    },
  };
}
