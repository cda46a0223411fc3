import { OutgoingRequestError } from '@credential-renewal/runtime';
import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretBasic,
  type Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  fetchUserInfo,
  None,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { type GatewayConfig, isLoopback } from '../config.ts';
import { IdentityProviderUnavailableError, SignInFailedError } from '../errors.ts';
import type { ProviderFetch } from './provider-fetch.ts';

/** What the browser keeps (sealed) while it is at the identity provider. */
export type SignInSecrets = { state: string; nonce: string; verifier: string };

export type IdentityProvider = {
  /** `forceLogin`: the person is asked again even where the identity provider still knows them. */
  begin(options: { forceLogin: boolean }): Promise<{ url: URL; secrets: SignInSecrets }>;
  /** Exchanges the code of `callbackUrl` and answers with the claims of the ID token and of userinfo. */
  complete(callbackUrl: URL, secrets: SignInSecrets): Promise<Record<string, unknown>>;
  /** The issuer exactly as it calls itself, and where its keys are. */
  keySource(): Promise<{ issuer: string; jwksUri: URL }>;
};

const timeoutSeconds = 5;

/**
 * The OIDC provider people sign in with: authorization code with PKCE S256, state, nonce and, where the provider advertises it, `iss`
 * (RFC 9207). Found by discovery at first use and asked again after a failure, so the gateway starts without it.
 * Rejects with IdentityProviderUnavailableError or SignInFailedError.
 */
export function createIdentityProvider(
  config: GatewayConfig['identityProvider'] & {
    publicUrl: URL;
    clientSecret: string | undefined;
    fetch: ProviderFetch;
  },
): IdentityProvider {
  const redirectUri = new URL('/sign-in/callback', config.publicUrl).href;
  let found: Promise<Configuration> | undefined;

  async function discover(): Promise<Configuration> {
    found ??= discovery(
      config.issuer,
      config.clientId,
      undefined,
      config.clientSecret === undefined ? None() : ClientSecretBasic(config.clientSecret),
      {
        timeout: timeoutSeconds,
        [customFetch]: config.fetch,
        execute:
          config.issuer.protocol === 'http:' && isLoopback(config.issuer)
            ? [allowInsecureRequests]
            : [],
      },
    );
    try {
      return await found;
    } catch (error) {
      found = undefined;
      throw new IdentityProviderUnavailableError(error);
    }
  }

  return {
    async begin({ forceLogin }) {
      const provider = await discover();
      const secrets = {
        state: randomState(),
        nonce: randomNonce(),
        verifier: randomPKCECodeVerifier(),
      };
      const url = buildAuthorizationUrl(provider, {
        redirect_uri: redirectUri,
        scope: config.scope,
        state: secrets.state,
        nonce: secrets.nonce,
        code_challenge: await calculatePKCECodeChallenge(secrets.verifier),
        code_challenge_method: 'S256',
        ...(forceLogin ? { prompt: 'login' } : {}),
      });
      return { url, secrets };
    },

    async complete(callbackUrl, secrets) {
      const provider = await discover();
      try {
        const tokens = await authorizationCodeGrant(provider, callbackUrl, {
          expectedState: secrets.state,
          expectedNonce: secrets.nonce,
          pkceCodeVerifier: secrets.verifier,
        });
        const claims = tokens.claims();
        if (!claims) throw new SignInFailedError('The identity provider sent no ID token.');
        if (!provider.serverMetadata().userinfo_endpoint) return claims;
        return { ...(await fetchUserInfo(provider, tokens.access_token, claims.sub)), ...claims };
      } catch (error) {
        throw asSignInError(error);
      }
    },

    async keySource() {
      const { issuer, jwks_uri } = (await discover()).serverMetadata();
      if (!jwks_uri) throw new IdentityProviderUnavailableError(new Error('no jwks_uri'));
      return { issuer, jwksUri: new URL(jwks_uri) };
    },
  };
}

function asSignInError(error: unknown): Error {
  if (error instanceof SignInFailedError) return error;
  if (error instanceof AuthorizationResponseError)
    return new SignInFailedError(
      error.error === 'access_denied'
        ? 'You turned back at the identity provider. Nothing was changed.'
        : 'The identity provider refused to sign you in.',
      error,
    );
  if (error instanceof ResponseBodyError)
    return new SignInFailedError(
      'The identity provider did not accept the sign-in.',
      new Error(`the token endpoint answered ${error.status} ${error.error}`),
    );
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  // No connection, no answer in time, or a 5xx.
  if (
    cause instanceof OutgoingRequestError ||
    code === 'OAUTH_TIMEOUT' ||
    code === 'OAUTH_RESPONSE_IS_NOT_CONFORM'
  )
    return new IdentityProviderUnavailableError(error);
  return new SignInFailedError('The answer of the identity provider could not be verified.', error);
}
