import type { DemoContext } from '../demo-context.ts';
import type { ProviderProfile } from './demo-provider.ts';
import { createOidcDataProvider } from './oidc-data-provider.ts';

const profile: ProviderProfile = {
  id: 'orchard',
  name: 'Orchard Drive',
  quirk: 'Its refresh token lives on and never changes; people can untick scopes.',
  accountNoun: 'account',
  suggestedAccounts: [
    'ada@acme.example',
    'ada.private@orchard.example',
    'max@acme.example',
    'alma@acme.example',
    'olga@globex.example',
  ],
  scopes: [
    { name: 'files.list', description: 'See the names of your files' },
    { name: 'files.read', description: 'Read your files' },
    // Asked for by no connector until an overlay of the catalogue adds it.
    { name: 'files.comment', description: 'Comment on your files' },
  ],
  scopesOptional: true,
};

/** Orchard Drive: standard OpenID Connect with discovery, like most large providers. */
export function createOrchard(
  context: DemoContext,
  options: { accessTokenSeconds: number },
): ReturnType<typeof createOidcDataProvider> {
  const issuer = `${context.origin}/${profile.id}`;
  return createOidcDataProvider(
    context,
    profile,
    {
      redirectUri: `${context.gatewayUrl}/oauth/callback`,
      authentication: 'client_secret_basic',
      discovery: true,
      issuerParameter: true,
      expiresIn: true,
      accessTokenSeconds: options.accessTokenSeconds,
      refreshTokenSeconds: 10 * 365 * 86_400,
      rotation: 'none',
      graceSeconds: 0,
    },
    {
      id: profile.id,
      name: profile.name,
      issuer,
      clients: {
        default: {
          id: context.clientId,
          secretFile: context.secrets.clientSecretFile(profile.id),
          authentication: 'client_secret_basic',
        },
      },
      issuerParameter: true,
      scopes: { always: ['openid'] },
      accessToken: { lifetimeSeconds: options.accessTokenSeconds },
      refreshToken: { rotation: 'none' },
      identity: {
        kind: 'user',
        call: 'userinfo',
        key: '/sub',
        label: '/email',
      },
      verdicts: [{ error: 'invalid_grant', class: 'dead' }],
      allowPrivateHosts: [new URL(context.origin).host],
      connectors: {
        'orchard-drive': {
          name: 'Orchard Drive',
          kind: 'personal',
          scopes: ['files.read', 'files.list'],
        },
      },
    },
  );
}
