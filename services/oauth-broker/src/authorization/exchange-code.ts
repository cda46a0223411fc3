import type { TokenSet } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import * as oauth from 'openid-client';
import type { IdentityEntry } from '../catalogue/catalogue-schema.ts';
import { checkIdToken } from '../provider/id-token.ts';
import { identityIn } from '../provider/identity.ts';
import { ownIdTokenMember } from '../provider/normalise-answer.ts';
import type { ProviderClient } from '../provider/provider-client.ts';
import type { Authorization, ProviderIdentity } from './authorization.ts';
import { asksForIdToken } from './authorization-request.ts';
import { idTokenNonce, pkceVerifier } from './browser-binding.ts';
import { identityRuleOf } from './identity-rule.ts';
import { hintsIn } from './sign-in-hint.ts';

export type Exchanged = {
  tokens: TokenSet;
  /** Absent: the answer named no scope. */
  answeredScopes: string[] | undefined;
  idTokenSubject: string | undefined;
  idTokenIdentity: ProviderIdentity | undefined;
};

/** Spends the code of a callback (RFC 6749 section 4.1.3). One request; throws what `refusalOf` reads. */
export async function exchangeCode(
  client: ProviderClient,
  authorization: Authorization,
  callback: { query: string; state: string; browserSecret: string },
  nowMs: number,
): Promise<Exchanged> {
  const { binding, id } = authorization;
  if (!binding) throw new Error(`the authorization ${id} was never begun`);
  const { provider } = client;
  const currentUrl = new URL(binding.redirectUri);
  currentUrl.search = callback.query;
  const nonce = asksForIdToken(authorization.requestedScopes)
    ? idTokenNonce(callback.browserSecret, id)
    : undefined;
  const answer = await oauth.authorizationCodeGrant(await client.configuration(), currentUrl, {
    expectedState: callback.state,
    pkceCodeVerifier: pkceVerifier(callback.browserSecret, id),
    expectedNonce: provider.idTokenIssuer === undefined ? nonce : undefined,
  });
  const ownIdToken = answer[ownIdTokenMember];
  const claims =
    typeof ownIdToken === 'string' && nonce !== undefined
      ? checkIdToken(provider, ownIdToken, { nonce, nowMs })
      : answer.claims();
  const tokens = await client.tokensOf(answer, nowMs);
  return {
    tokens: { ...tokens, hints: claims && hintsIn(provider, claims) },
    answeredScopes: answer.scope === undefined ? undefined : tokens.scopes,
    idTokenSubject: claims?.sub,
    idTokenIdentity: claims && identityOf(identityRuleOf(provider, authorization), claims),
  };
}

function identityOf(rule: IdentityEntry, claims: object): ProviderIdentity | undefined {
  const identity = identityIn(rule, claims);
  return 'missing' in identity ? undefined : identity;
}
