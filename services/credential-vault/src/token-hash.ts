import { createHash } from 'node:crypto';

/** SHA-256, base64url: how tokens are named without being told. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('base64url');
}
