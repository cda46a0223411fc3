import type { TokenSet } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { durationFromMs } from '@credential-renewal/rpc';
import type { ProviderEntry } from '../catalogue/catalogue-schema.ts';
import { normaliseScopes } from '../catalogue/scopes.ts';

type TokenAnswer = {
  access_token: string;
  refresh_token?: string;
  expires_in?: number;
  scope?: string;
  [member: string]: unknown;
};

/**
 * What the vault keeps of a token answer. A missing `expires_in` takes the documented life of the catalogue, and `none`
 * means no known end (semantics 2). The life of the refresh token is the provider's word, else the catalogue's.
 */
export function tokenSetOf(provider: ProviderEntry, answer: TokenAnswer): TokenSet {
  const documented = provider.accessToken.lifetimeSeconds;
  const lifeSeconds = answer.expires_in ?? (documented === 'none' ? undefined : documented);
  const refreshSeconds =
    positive(answer['refresh_expires_in']) ??
    positive(answer['refresh_token_expires_in']) ??
    provider.refreshToken?.lifetimeSeconds;
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token,
    expiresIn: lifeSeconds === undefined ? undefined : durationFromMs(lifeSeconds * 1000),
    refreshExpiresIn:
      refreshSeconds === undefined ? undefined : durationFromMs(refreshSeconds * 1000),
    refreshLifeAbsolute: provider.refreshToken?.absolute ?? false,
    scopes: answer.scope === undefined ? [] : normaliseScopes(provider, answer.scope),
  };
}

function positive(value: unknown): number | undefined {
  const number = Number(value);
  return Number.isFinite(number) && number > 0 ? number : undefined;
}
