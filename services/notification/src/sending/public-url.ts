const localHosts = new Set(['localhost', '127.0.0.1', '[::1]']);

/** A link that is mailed must not be readable or changeable on its way, except on one's own machine. Undefined: it is usable. */
export function publicUrlProblem(url: URL): string | undefined {
  const isLocal = localHosts.has(url.hostname) || url.hostname.endsWith('.localhost');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal)) {
    return 'must begin with https: unless its host is localhost';
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return 'must not have a user, a query or a fragment';
  }
  return undefined;
}
