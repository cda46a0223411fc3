import type { TokenSet } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { durationFromMs } from '@credential-renewal/rpc';
import type { ProviderEntry } from '../catalogue/catalogue-schema.ts';
import { normaliseScopes } from '../catalogue/scopes.ts';
import { textAt } from './json-pointer.ts';
import { lifeSeconds } from './token-lives.ts';

export type TokenAnswer = {
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
export function tokenSetOf(
  provider: Pick<ProviderEntry, 'accessToken' | 'refreshToken' | 'scopes' | 'keep'>,
  answer: TokenAnswer,
): TokenSet {
  const documented = provider.accessToken.lifetimeSeconds;
  const life = answer.expires_in ?? (documented === 'none' ? undefined : documented);
  const refreshLife =
    lifeSeconds(answer['refresh_expires_in']) ??
    lifeSeconds(answer['refresh_token_expires_in']) ??
    provider.refreshToken?.lifetimeSeconds ??
    provider.refreshToken?.idleSeconds;
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token,
    expiresIn: life === undefined ? undefined : durationFromMs(life * 1000),
    refreshExpiresIn: refreshLife === undefined ? undefined : durationFromMs(refreshLife * 1000),
    refreshLifeAbsolute: provider.refreshToken?.lifetimeSeconds !== undefined,
    scopes: answer.scope === undefined ? [] : normaliseScopes(provider, answer.scope),
    kept: keptOf(provider, answer),
  };
}

/** The longest URL that is worth keeping. */
const longestKept = 2_048;

/** Texts only, and no longer than any host or id is: an answer must not fill the vault. */
function keptOf({ keep = {} }: Pick<ProviderEntry, 'keep'>, answer: TokenAnswer) {
  const kept: Record<string, string> = {};
  for (const [name, pointer] of Object.entries(keep)) {
    const text = textAt(answer, pointer);
    if (text !== undefined && text.length <= longestKept) kept[name] = text;
  }
  return kept;
}
