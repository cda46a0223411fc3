import type { SignInHints } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import * as oauth from 'openid-client';
import type { Provider } from '../catalogue/catalogue.ts';
import { joinScopes } from '../catalogue/scopes.ts';
import type { Authorization, ProviderBinding } from './authorization.ts';
import { signInHint } from './sign-in-hint.ts';

/**
 * The provider as it is now. Without `iss` in its answers it gets a redirect URI of its own, so that one provider's answer
 * cannot pass for another's (RFC 9700 section 4.4.2.2).
 */
export function bindingOf(
  provider: Provider,
  configuration: oauth.Configuration,
  publicUrl: URL,
): ProviderBinding {
  const metadata = configuration.serverMetadata();
  const expectsIssuer = metadata.authorization_response_iss_parameter_supported === true;
  const path = expectsIssuer ? 'oauth/callback' : `oauth/callback/${provider.id}`;
  const base = publicUrl.href.endsWith('/') ? publicUrl.href : `${publicUrl.href}/`;
  return {
    issuer: metadata.issuer,
    authorizationEndpoint: metadata.authorization_endpoint ?? '',
    tokenEndpoint: metadata.token_endpoint ?? '',
    redirectUri: new URL(path, base).href,
    expectsIssuer,
    ownRedirectUri: !expectsIssuer,
  };
}

/** Whether the provider is still the one the browser was sent to. */
export function isSameBinding(left: ProviderBinding, right: ProviderBinding): boolean {
  return (
    left.issuer === right.issuer &&
    left.tokenEndpoint === right.tokenEndpoint &&
    left.redirectUri === right.redirectUri
  );
}

/** Whether an ID token comes with the tokens, and so a `nonce` has to go out. */
export function asksForIdToken(scopes: readonly string[]): boolean {
  return scopes.includes('openid');
}

/** What this provider is told beside the standard: that a refresh token is wanted, whose access is to be renewed. */
export function parametersOf(
  provider: Pick<Provider, 'authorization' | 'identity' | 'connectors'>,
  authorization: Authorization,
  kept: SignInHints | undefined,
): Record<string, string> {
  const { parameters, renewal, switch: switching } = provider.authorization ?? {};
  if (authorization.credentialId === undefined) return { ...parameters };
  if (authorization.switchIdentity) return { ...parameters, ...switching?.parameters };
  return {
    ...parameters,
    ...renewal?.parameters,
    ...signInHint(provider, authorization, kept),
  };
}

/** The URL a browser is sent to: code flow with PKCE S256 (RFC 7636), never the implicit one (RFC 9700 section 2.1.2). */
export async function authorizationUrl(
  provider: Provider,
  configuration: oauth.Configuration,
  request: {
    parameters: Record<string, string>;
    redirectUri: string;
    scopes: readonly string[];
    state: string;
    verifier: string;
    nonce: string;
  },
): Promise<URL> {
  const { scopes } = request;
  return oauth.buildAuthorizationUrl(configuration, {
    ...request.parameters,
    response_type: 'code',
    redirect_uri: request.redirectUri,
    ...(scopes.length > 0
      ? { [provider.scopes?.parameter ?? 'scope']: joinScopes(provider, scopes) }
      : {}),
    state: request.state,
    code_challenge: await oauth.calculatePKCECodeChallenge(request.verifier),
    code_challenge_method: 'S256',
    ...(asksForIdToken(scopes) ? { nonce: request.nonce } : {}),
  });
}
