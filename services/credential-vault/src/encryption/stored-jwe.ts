/** A JWE in flattened JSON (RFC 7516 section 7.2.2) whose `aad` is left out: it is supplied when decrypting. */
export type StoredJwe = { protected: string; iv: string; ciphertext: string; tag: string };

/** The protected header; empty where it cannot be read. */
export function readJweHeader(jwe: StoredJwe): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(Buffer.from(jwe.protected, 'base64url').toString('utf8'));
    return typeof header === 'object' && header !== null ? (header as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The id of the data key that it was encrypted with; empty where that cannot be read. */
export function dataKeyOf(jwe: StoredJwe): string {
  const { kid } = readJweHeader(jwe);
  return typeof kid === 'string' ? kid : '';
}
