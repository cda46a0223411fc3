import type { IncomingHttpHeaders } from 'node:http';

const harmlessMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request with the session cookie may change something: only a page of this site may (SameSite=Lax alone
 * would let sibling domains through). Every current browser sends `Sec-Fetch-Site` to a trustworthy origin; `Origin` is for the others.
 */
export function mayChange(method: string, headers: IncomingHttpHeaders, publicUrl: URL): boolean {
  if (harmlessMethods.has(method)) return true;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return headers.origin === publicUrl.origin;
}
