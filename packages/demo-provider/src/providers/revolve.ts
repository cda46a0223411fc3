import type { DemoContext } from '../demo-context.ts';
import type { ProviderProfile } from './demo-provider.ts';
import { createOidcDataProvider } from './oidc-data-provider.ts';

const profile: ProviderProfile = {
  id: 'revolve',
  name: 'Revolve Box',
  quirk: 'Every refresh spends its token; using a spent one after the grace ends the whole grant.',
  accountNoun: 'account',
  suggestedAccounts: [
    'ada@acme.example',
    'ada.private@revolve.example',
    'max@acme.example',
    'alma@acme.example',
  ],
  scopes: [{ name: 'box.read', description: 'Read the boxes you can see' }],
  scopesOptional: false,
};

/** Revolve Box: single-use refresh tokens with a documented grace, like Box or Atlassian. */
export function createRevolve(
  context: DemoContext,
  options: { accessTokenSeconds: number; graceSeconds: number },
): ReturnType<typeof createOidcDataProvider> {
  const issuer = `${context.origin}/${profile.id}`;
  const refreshTokenSeconds = 60 * 86_400;
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
      refreshTokenSeconds,
      rotation: 'single_use',
      graceSeconds: options.graceSeconds,
      identityCall: {
        path: '/api/users/me',
        answer: ({ id, label }) => ({ type: 'user', id, login: label }),
      },
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
      accessToken: { lifetimeSeconds: options.accessTokenSeconds },
      refreshToken: {
        idleSeconds: refreshTokenSeconds,
        rotation: 'single_use',
        graceSeconds: options.graceSeconds,
      },
      identity: { kind: 'user', call: `${issuer}/api/users/me`, key: '/id', label: '/login' },
      verdicts: [{ error: 'invalid_grant', class: 'dead' }],
      allowPrivateHosts: [new URL(context.origin).host],
      connectors: {
        'revolve-box': { name: 'Revolve Box', kind: 'personal', scopes: ['box.read'] },
      },
    },
  );
}
