import {
  answerProviderPages,
  browse,
  type CookieJar,
  createCookieJar,
  type ProviderAnswers,
  type Stop,
} from '@credential-renewal/demo-provider';

/** One person's browser, step by step: where a visitor goes through, this one stops and looks. */
export type Browser = {
  jar: CookieJar;
  signIn(personaId: string): Promise<void>;
  /** Walks to the provider and through its pages; answers with the callback's URL, which is not opened. */
  leave(authorizationUrl: string, answers: ProviderAnswers): Promise<URL>;
  /** Opens an address and follows redirects up to a page of the product. */
  open(url: string | URL, headers?: Record<string, string>): Promise<Stop>;
  /** The same cookies, and from now on apart. */
  copy(): Browser;
};

const isCallback = (url: URL) => url.pathname.startsWith('/oauth/callback');

export function createBrowser(gatewayUrl: string, jar: CookieJar = createCookieJar()): Browser {
  const gateway = new URL(gatewayUrl);
  const isHome = (url: URL) =>
    url.origin === gateway.origin && !/^\/(oauth|authorize|sign-in)(\/|$)/.test(url.pathname);

  return {
    jar,
    async signIn(personaId) {
      const chooser = await browse(jar, new URL('/sign-in', gateway), { arrived: isHome });
      const body = new URLSearchParams({ persona: personaId });
      const request = { method: 'POST', body };
      const end = await browse(jar, chooser.url, { request, arrived: isHome });
      if (!isHome(end.url)) throw new Error(`signing in as ${personaId} ended with ${end.status}`);
    },
    async leave(authorizationUrl, answers) {
      const first = await browse(jar, new URL(authorizationUrl, gateway), { arrived: isCallback });
      const end = await answerProviderPages(jar, first, answers, isCallback);
      if (!isCallback(end.url)) throw new Error(`stuck at ${end.url.pathname} (${end.status})`);
      return end.url;
    },
    open: (url, headers = {}) =>
      browse(jar, new URL(url, gateway), { request: { headers }, arrived: isHome }),
    copy: () => createBrowser(gatewayUrl, jar.copy()),
  };
}
