import type {
  SignInHints,
  TokenSet,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { msFromDuration } from '@credential-renewal/rpc';
import type { Tokens } from './credential.ts';
import type { TokenCipher } from './encryption/token-cipher.ts';
import { TokenUnreadableError } from './errors.ts';
import { tokenHash } from './token-hash.ts';

export type TokenOwner = { accountId: string; recordId: string };

/**
 * Encrypts the tokens of a token response for a record. `previous`: what the record holds; an absent refresh token keeps the
 * old one with its end (RFC 6749 section 6).
 */
export function sealTokens(
  cipher: TokenCipher,
  owner: TokenOwner,
  answer: TokenSet,
  previous: Tokens | undefined,
  nowMs: number,
): Tokens {
  const { accessToken, refreshToken } = answer;
  const expiresInMs = answer.expiresIn && msFromDuration(answer.expiresIn);
  const renewed = previous && renewTokens(cipher, previous, owner);
  return {
    accessToken: cipher.encrypt(accessToken, { ...owner, field: 'access_token' }),
    accessTokenHash: tokenHash(accessToken),
    accessExpiresAtMs: expiresInMs === undefined ? undefined : nowMs + expiresInMs,
    refreshToken: refreshToken
      ? cipher.encrypt(refreshToken, { ...owner, field: 'refresh_token' })
      : renewed?.refreshToken,
    refreshTokenHash: refreshToken ? tokenHash(refreshToken) : previous?.refreshTokenHash,
    refreshExpiresAtMs: refreshExpiry(answer, previous, nowMs),
    refreshLifeAbsolute: answer.refreshLifeAbsolute,
    obtainedAtMs: nowMs,
    kept: { ...previous?.kept, ...answer.kept },
    hints: sealHints(cipher, owner, answer.hints) ?? renewed?.hints,
  };
}

/** Undefined where an answer has none: whoever only refreshed says nothing about the person. */
function sealHints(cipher: TokenCipher, owner: TokenOwner, hints: SignInHints | undefined) {
  return hints && cipher.encrypt(JSON.stringify(hints.parameters), { ...owner, field: 'hints' });
}

/** An absolute life counts from the grant, so a refresh must not move its end. */
function refreshExpiry(
  answer: TokenSet,
  previous: Tokens | undefined,
  nowMs: number,
): number | undefined {
  if (answer.refreshLifeAbsolute && previous) return previous.refreshExpiresAtMs;
  if (answer.refreshExpiresIn) return nowMs + msFromDuration(answer.refreshExpiresIn);
  return answer.refreshToken ? undefined : previous?.refreshExpiresAtMs;
}

/** The same tokens under the newest data key, as far as they can be opened; the very same object where nothing changes. */
export function renewTokens(cipher: TokenCipher, tokens: Tokens, owner: TokenOwner): Tokens {
  const accessToken = cipher.renew(tokens.accessToken, { ...owner, field: 'access_token' });
  const refreshToken =
    tokens.refreshToken && cipher.renew(tokens.refreshToken, { ...owner, field: 'refresh_token' });
  const hints = tokens.hints && cipher.renew(tokens.hints, { ...owner, field: 'hints' });
  const same =
    accessToken === tokens.accessToken &&
    refreshToken === tokens.refreshToken &&
    hints === tokens.hints;
  return same ? tokens : { ...tokens, accessToken, refreshToken, hints };
}

/** The tokens in the clear. Rejects with a TokenUnreadableError. */
export async function openTokens(
  cipher: TokenCipher,
  tokens: Tokens,
  owner: TokenOwner,
): Promise<{ accessToken: string; refreshToken: string | undefined }> {
  const { refreshToken } = tokens;
  return {
    accessToken: await cipher.decrypt(tokens.accessToken, { ...owner, field: 'access_token' }),
    refreshToken:
      refreshToken && (await cipher.decrypt(refreshToken, { ...owner, field: 'refresh_token' })),
  };
}

/** The hints in the clear. A sign-in goes well without, so those that cannot be read are none. */
export async function openHints(
  cipher: TokenCipher,
  { hints }: Tokens,
  owner: TokenOwner,
): Promise<SignInHints | undefined> {
  if (!hints) return undefined;
  try {
    const json = await cipher.decrypt(hints, { ...owner, field: 'hints' });
    return { parameters: JSON.parse(json) as Record<string, string> };
  } catch (error) {
    if (error instanceof TokenUnreadableError) return undefined;
    throw error;
  }
}

/** Moves tokens from one record to another: what is bound to the first cannot be read under the second. */
export async function resealTokens(
  cipher: TokenCipher,
  tokens: Tokens,
  from: TokenOwner,
  to: TokenOwner,
): Promise<Tokens> {
  const { accessToken, refreshToken } = await openTokens(cipher, tokens, from);
  return {
    ...tokens,
    accessToken: cipher.encrypt(accessToken, { ...to, field: 'access_token' }),
    refreshToken:
      refreshToken === undefined
        ? undefined
        : cipher.encrypt(refreshToken, { ...to, field: 'refresh_token' }),
    hints: sealHints(cipher, to, await openHints(cipher, tokens, from)),
  };
}
