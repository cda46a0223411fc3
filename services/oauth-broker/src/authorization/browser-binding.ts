import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Whether `secret` is the one that was hashed; takes the same time either way. */
export function matchesHash(secret: string, hash: string | undefined): boolean {
  if (hash === undefined) return false;
  const found = Buffer.from(sha256(secret));
  const expected = Buffer.from(hash);
  return found.byteLength === expected.byteLength && timingSafeEqual(found, expected);
}

/**
 * The PKCE verifier (RFC 7636 section 4.1: 43 characters) of one authorization in one browser. It derives from the secret that
 * only the browser's cookie keeps, so neither our store nor a stolen authorization response is enough to spend the code.
 */
export function pkceVerifier(browserSecret: string, authorizationId: string): string {
  return derive(browserSecret, `pkce ${authorizationId}`);
}

/** The `nonce` of the ID token (OpenID Connect Core section 3.1.2.1), made the same way. */
export function idTokenNonce(browserSecret: string, authorizationId: string): string {
  return derive(browserSecret, `nonce ${authorizationId}`);
}

function derive(secret: string, purpose: string): string {
  return createHmac('sha256', secret).update(purpose).digest('base64url');
}
