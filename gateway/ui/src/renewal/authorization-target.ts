/**
 * The address the browser may be sent to. Only web addresses: the value comes from an answer, and `javascript:` in
 * `location.assign` would run in this page.
 */
export function authorizationTarget(url: string, origin: string): string | undefined {
  const parsed = URL.parse(url, origin);
  if (parsed === null) return undefined;
  return parsed.protocol === 'https:' || parsed.protocol === 'http:' ? parsed.href : undefined;
}
