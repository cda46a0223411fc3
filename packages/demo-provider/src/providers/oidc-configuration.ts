import type { Configuration } from 'oidc-provider';
import type { DemoContext } from '../demo-context.ts';
import { oidcCookies, oidcRoutes } from '../oidc-mount.ts';
import { problemPage } from '../pages/page-layout.ts';
import type { ProviderProfile } from './demo-provider.ts';
import type { OidcQuirks } from './oidc-quirks.ts';

/** The settings of oidc-provider that make it this provider; storage and accounts are added by the caller. */
export function oidcConfiguration(
  profile: ProviderProfile,
  quirks: OidcQuirks,
  { origin, clientId, secrets }: DemoContext,
  clientSecret: string,
): Configuration {
  const yearSeconds = 365 * 86_400;
  return {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [quirks.redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: quirks.authentication,
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [secrets.signingKey as never] },
    cookies: oidcCookies(profile.id, secrets.cookieKeys),
    scopes: ['openid', ...profile.scopes.map((scope) => scope.name)],
    claims: { openid: ['sub', 'email'] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    responseTypes: ['code'],
    routes: oidcRoutes,
    pkce: { required: () => true },
    rotateRefreshToken: quirks.rotation === 'single_use',
    issueRefreshToken: async () => true,
    expiresWithSession: async () => false,
    revokeGrantPolicy: () => true,
    clientBasedCORS: () => false,
    loadExistingGrant: async (ctx) => {
      const grantId = ctx.oidc.result?.consent?.grantId;
      return grantId ? ctx.oidc.provider.Grant.find(grantId) : undefined;
    },
    interactions: {
      url: (_ctx, interaction) => `${origin}/${profile.id}/interaction/${interaction.uid}`,
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
    },
    ttl: {
      AccessToken: quirks.accessTokenSeconds,
      AuthorizationCode: 60,
      Grant: 10 * yearSeconds,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: quirks.refreshTokenSeconds,
      Session: 3600,
    },
    renderError: (ctx, out) => {
      ctx.type = 'html';
      ctx.body = problemPage(
        `${profile.name} cannot go on`,
        [out.error, out.error_description].filter(Boolean).join(': '),
      );
    },
  };
}
