import type { Provider } from '../catalogue/catalogue.ts';
import { fillTemplate } from '../catalogue/url-template.ts';
import { parseObject } from './normalise-answer.ts';

export type IdTokenClaims = Record<string, unknown> & { sub: string };

const toleranceSeconds = 30;

/** The ID token is not about this transaction, or not from this provider. */
export class IdTokenRefusedError extends Error {
  readonly code = 'id_token_refused';
}

/**
 * Checks an ID token whose issuer differs by tenant (OpenID Connect Core section 3.1.3.7): the issuer must be the template
 * filled with the token's own claims. It came from the token endpoint over TLS, so its signature need not be checked
 * (ibid., rule 6). Everybody else's ID tokens are checked by openid-client.
 */
export function checkIdToken(
  { idTokenIssuer, client }: Pick<Provider, 'idTokenIssuer' | 'client'>,
  idToken: string,
  expected: { nonce: string; nowMs: number },
): IdTokenClaims {
  const claims = parseObject(
    Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString('utf8'),
  );
  const refuse = (what: string): never => {
    throw new IdTokenRefusedError(`the ID token ${what}`);
  };
  if (!claims) return refuse('cannot be read');
  const { iss, sub, aud, azp, exp, nonce } = claims;
  const nowSeconds = expected.nowMs / 1000;
  if (typeof sub !== 'string' || sub === '') return refuse('names no subject');
  if (iss !== issuerOf(idTokenIssuer ?? '', claims)) return refuse('is of another issuer');
  const audience = Array.isArray(aud) ? aud : [aud];
  if (!audience.includes(client.id)) return refuse('is for another client');
  if (audience.length > 1 && azp !== client.id) return refuse('is for several clients');
  if (typeof exp !== 'number' || exp < nowSeconds - toleranceSeconds) return refuse('has ended');
  if (nonce !== expected.nonce) return refuse('is of another transaction');
  return { ...claims, sub };
}

function issuerOf(template: string, claims: Record<string, unknown>): string | undefined {
  const texts = Object.entries(claims).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  try {
    return fillTemplate(template, Object.fromEntries(texts));
  } catch {
    return undefined;
  }
}
