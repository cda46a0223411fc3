export type CookieJar = {
  /** Takes the `Set-Cookie` headers of an answer. */
  store(url: URL, headers: Headers): void;
  /** The `Cookie` header for a request; empty: none. */
  header(url: URL): string;
  /** A jar that begins with the same cookies and goes its own way. */
  copy(): CookieJar;
};

type StoredCookie = { name: string; value: string; path: string; hostname: string };

/**
 * The part of RFC 6265 that our own servers need: host-only cookies, paths, deletion by age or date. Like browsers it
 * ignores the port.
 */
export function createCookieJar(): CookieJar {
  return jarOf(new Map());
}

function jarOf(cookies: Map<string, StoredCookie>): CookieJar {
  return {
    store(url, headers) {
      for (const line of headers.getSetCookie()) {
        const [pair = '', ...attributes] = line.split(/; */);
        const name = pair.slice(0, pair.indexOf('='));
        const value = pair.slice(pair.indexOf('=') + 1);
        const read = (attribute: string) =>
          attributes
            .find((text) => text.toLowerCase().startsWith(`${attribute}=`))
            ?.slice(attribute.length + 1);
        const path = read('path') ?? '/';
        const key = `${url.hostname} ${path} ${name}`;
        const expires = read('expires');
        const isGone =
          read('max-age') === '0' || (expires !== undefined && Date.parse(expires) <= Date.now());
        if (isGone) cookies.delete(key);
        else cookies.set(key, { name, value, path, hostname: url.hostname });
      }
    },
    header(url) {
      return [...cookies.values()]
        .filter(({ hostname, path }) => hostname === url.hostname && covers(path, url.pathname))
        .sort((a, b) => b.path.length - a.path.length)
        .map(({ name, value }) => `${name}=${value}`)
        .join('; ');
    },
    copy: () => jarOf(new Map(cookies)),
  };
}

function covers(cookiePath: string, path: string): boolean {
  return (
    path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`)
  );
}
