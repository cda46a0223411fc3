import type { CookieJar } from './cookie-jar.ts';

/** Where a walk over redirects ended. */
export type Stop = { url: URL; status: number; body: string };

export type Request = {
  method?: string;
  headers?: Record<string, string>;
  body?: string | URLSearchParams;
};

const mostHops = 20;

/** One request with the cookies of the jar; redirects are answers like any other. */
export async function send(jar: CookieJar, url: URL, request: Request = {}): Promise<Response> {
  const cookie = jar.header(url);
  const response = await fetch(url, {
    method: request.method ?? 'GET',
    redirect: 'manual',
    headers: { ...(cookie ? { cookie } : {}), ...request.headers },
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  jar.store(url, response.headers);
  return response;
}

/**
 * Sends a request and follows redirects (as GET) until an answer that is none, or until `arrived` says of the next URL
 * that it is where the walk was to lead; that one is not requested.
 */
export async function browse(
  jar: CookieJar,
  start: URL,
  options: { request?: Request; arrived?: (url: URL) => boolean } = {},
): Promise<Stop> {
  let url = start;
  let request = options.request;
  for (let hop = 0; hop < mostHops; hop++) {
    if (hop > 0 && options.arrived?.(url)) return { url, status: 0, body: '' };
    const response = await send(jar, url, request);
    const location = response.headers.get('location');
    const body = await response.text();
    if (response.status < 300 || response.status >= 400 || location === null) {
      return { url, status: response.status, body };
    }
    url = new URL(location, url);
    request = undefined;
  }
  throw new Error(`too many redirects after ${start.origin}${start.pathname}`);
}
