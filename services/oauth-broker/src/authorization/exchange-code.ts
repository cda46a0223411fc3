import type { TokenSet } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import * as oauth from 'openid-client';
import type { ProviderClient } from '../provider/provider-client.ts';
import { tokenSetOf } from '../provider/token-set.ts';
import type { Authorization } from './authorization.ts';
import { asksForIdToken } from './authorization-request.ts';
import { idTokenNonce, pkceVerifier } from './browser-binding.ts';

export type Exchanged = {
  tokens: TokenSet;
  /** Absent: the answer named no scope. */
  answeredScopes: string[] | undefined;
  idTokenSubject: string | undefined;
};

/** Spends the code of a callback (RFC 6749 section 4.1.3). One request; throws what `refusalOf` reads. */
export async function exchangeCode(
  client: ProviderClient,
  authorization: Authorization,
  callback: { query: string; state: string; browserSecret: string },
): Promise<Exchanged> {
  const { binding, id } = authorization;
  if (!binding) throw new Error(`the authorization ${id} was never begun`);
  const currentUrl = new URL(binding.redirectUri);
  currentUrl.search = callback.query;
  const answer = await oauth.authorizationCodeGrant(await client.configuration(), currentUrl, {
    expectedState: callback.state,
    pkceCodeVerifier: pkceVerifier(callback.browserSecret, id),
    expectedNonce: asksForIdToken(authorization.requestedScopes)
      ? idTokenNonce(callback.browserSecret, id)
      : undefined,
  });
  const tokens = tokenSetOf(client.provider, answer);
  return {
    tokens,
    answeredScopes: answer.scope === undefined ? undefined : tokens.scopes,
    idTokenSubject: answer.claims()?.sub,
  };
}
