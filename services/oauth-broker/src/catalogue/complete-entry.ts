import type { IdentityEntry, ProviderEntry, ProviderFile } from './catalogue-schema.ts';

/** OpenID Connect Core sections 5.1 and 5.3. */
export const openIdIdentity: IdentityEntry = {
  kind: 'user',
  call: 'userinfo',
  key: '/sub',
  label: '/email',
};

/**
 * Fills in what a file may leave out. A standard OpenID Connect provider needs its issuer and nothing else: everything is
 * discovered, whose the grant is comes from userinfo or the ID token, and its refresh tokens are taken for single-use, because
 * a token that is wrongly spent twice is lost and one that is wrongly spared costs nothing.
 */
export function completeEntry(file: ProviderFile): ProviderEntry {
  const standard = file.endpoints === undefined && file.identity === undefined;
  return {
    ...file,
    issuer: file.issuer ?? new URL(file.endpoints?.authorization ?? '').origin,
    scopes: file.scopes ?? (standard ? { always: ['openid', 'email'] } : undefined),
    accessToken: file.accessToken ?? { lifetimeSeconds: 3600 },
    refreshToken: file.refreshToken ?? (standard ? { rotation: 'single_use' } : undefined),
    identity: file.identity ?? openIdIdentity,
    verdicts: file.verdicts ?? [],
    connectors: file.connectors ?? {
      [file.id]: { name: file.name, kind: 'personal', scopes: [] },
    },
  };
}
