import type { DemoContext } from '../demo-context.ts';
import { oidcRoutes } from '../oidc-mount.ts';
import type { ProviderProfile } from './demo-provider.ts';
import { createOidcDataProvider } from './oidc-data-provider.ts';

const profile: ProviderProfile = {
  id: 'helpline',
  name: 'Helpline Desk',
  quirk: 'Its answers never say when a token ends, and nothing can be discovered.',
  accountNoun: 'account',
  suggestedAccounts: [
    'ada@acme.example',
    'ada.private@helpline.example',
    'max@acme.example',
    'alma@acme.example',
  ],
  scopes: [{ name: 'tickets.read', description: 'Read tickets' }],
  scopesOptional: false,
};

/** Helpline Desk: no `expires_in`, no discovery, no `iss`; refresh tokens of 30 days that rotate, like Zendesk. */
export function createHelpline(
  context: DemoContext,
  options: { accessTokenSeconds: number; graceSeconds: number },
): ReturnType<typeof createOidcDataProvider> {
  const issuer = `${context.origin}/${profile.id}`;
  const refreshTokenSeconds = 30 * 86_400;
  return createOidcDataProvider(
    context,
    profile,
    {
      redirectUri: `${context.gatewayUrl}/oauth/callback/${profile.id}`,
      authentication: 'client_secret_post',
      discovery: false,
      issuerParameter: false,
      expiresIn: false,
      accessTokenSeconds: options.accessTokenSeconds,
      refreshTokenSeconds,
      rotation: 'single_use',
      graceSeconds: options.graceSeconds,
      identityCall: {
        path: '/api/users/me',
        answer: ({ id, label }) => ({ user: { id, email: label } }),
      },
    },
    {
      id: profile.id,
      name: profile.name,
      issuer,
      endpoints: {
        authorization: `${issuer}${oidcRoutes.authorization}`,
        token: `${issuer}${oidcRoutes.token}`,
        revocation: `${issuer}${oidcRoutes.revocation}`,
      },
      clients: {
        default: {
          id: context.clientId,
          secretFile: context.secrets.clientSecretFile(profile.id),
          authentication: 'client_secret_post',
        },
      },
      issuerParameter: false,
      accessToken: { lifetimeSeconds: options.accessTokenSeconds },
      refreshToken: {
        idleSeconds: refreshTokenSeconds,
        rotation: 'single_use',
        graceSeconds: options.graceSeconds,
      },
      identity: {
        kind: 'user',
        call: `${issuer}/api/users/me`,
        key: '/user/id',
        label: '/user/email',
      },
      verdicts: [{ error: 'invalid_grant', class: 'dead' }],
      allowPrivateHosts: [new URL(context.origin).host],
      connectors: {
        'helpline-desk': { name: 'Helpline Desk', kind: 'personal', scopes: ['tickets.read'] },
      },
    },
  );
}
