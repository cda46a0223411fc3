import { createHash, randomBytes } from 'node:crypto';
import { apiResource, scriptClientId } from '../identity-provider.ts';
import { answerProviderPages, type ProviderAnswers } from './answer-pages.ts';
import { browse, send } from './browse.ts';
import { createCookieJar } from './cookie-jar.ts';

export type ApiAnswer<T> = { status: number; body: T; headers: Headers };

/** The gateway or a provider did not answer as this person needs it. */
export class VisitFailedError extends Error {
  readonly code = 'VISIT_FAILED';
  readonly status: number | undefined;
  constructor(message: string, status?: number) {
    super(message);
    this.name = 'VisitFailedError';
    this.status = status;
  }
}

/** A scripted person with a browser's cookies: signs in, calls the API, goes through OAuth. */
export type Visitor = {
  /** Signs in to the product as a persona, through the pages of its identity provider. */
  signIn(personaId: string): Promise<void>;
  /** A call of the gateway with the session cookie; a write carries the `Origin` header. Answers whatever came. */
  api<T = unknown>(method: string, path: string, body?: unknown): Promise<ApiAnswer<T>>;
  /** Like `api`, but throws unless the status is 2xx. */
  call<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  /**
   * Follows an `authorizationUrl` over the gateway, the provider's pages and the callback. Answers with the last URL: the
   * page of the product with `?authorization=<id>`, or where it got stuck. Several may run at a time.
   */
  authorize(authorizationUrl: string, answers: ProviderAnswers): Promise<URL>;
};

export function createVisitor(options: { gatewayUrl: string }): Visitor {
  const gateway = new URL(options.gatewayUrl);
  const jar = createCookieJar();
  // The first page of the product after the callback is where a walk ends: pages need a browser, not this person.
  const isHome = (url: URL) =>
    url.origin === gateway.origin && !/^\/(oauth|authorize|sign-in)(\/|$)/.test(url.pathname);

  async function api<T>(method: string, path: string, body?: unknown): Promise<ApiAnswer<T>> {
    const response = await send(jar, new URL(path, gateway), {
      method,
      headers: {
        accept: 'application/json',
        ...(method === 'GET' ? {} : { origin: gateway.origin }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
    return {
      status: response.status,
      body: (isJson ? JSON.parse(text) : text) as T,
      headers: response.headers,
    };
  }

  return {
    async signIn(personaId) {
      const arrived = (url: URL) => isHome(url);
      const chooser = await browse(jar, new URL('/sign-in', gateway), { arrived });
      if (!chooser.body.includes('name="persona"')) {
        throw new VisitFailedError('the sign-in did not lead to the personas', chooser.status);
      }
      const body = new URLSearchParams({ persona: personaId });
      const end = await browse(jar, chooser.url, { request: { method: 'POST', body }, arrived });
      if (!isHome(end.url)) {
        throw new VisitFailedError(`signing in as ${personaId} ended elsewhere`, end.status);
      }
    },
    api,
    async call<T>(method: string, path: string, body?: unknown) {
      const answer = await api<T>(method, path, body);
      if (answer.status >= 200 && answer.status < 300) return answer.body;
      const { code } = answer.body as { code?: string };
      throw new VisitFailedError(
        `${method} ${path} was answered with ${answer.status} ${code ?? ''}`.trim(),
        answer.status,
      );
    },
    async authorize(authorizationUrl, answers) {
      // A window of its own: several authorizations at a time would take each other's session at the provider.
      const window = jar.copy();
      const first = await browse(window, new URL(authorizationUrl, gateway), { arrived: isHome });
      const end = await answerProviderPages(window, first, answers, isHome);
      return end.url;
    },
  };
}

/**
 * A bearer token for the product's API, as a script gets it: the public client, PKCE, a redirect to a loopback address
 * that nobody has to listen on. Answers a JWT (RFC 9068).
 */
export async function createBearerToken(
  identityIssuer: string,
  personaId: string,
): Promise<string> {
  const jar = createCookieJar();
  const redirectUri = 'http://127.0.0.1/callback';
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL(`${identityIssuer}/oauth/authorize`);
  url.search = new URLSearchParams({
    client_id: scriptClientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid profile email account',
    resource: apiResource,
    login_hint: personaId,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  const arrived = (next: URL) => next.href.startsWith(redirectUri);
  const { url: end, status } = await browse(jar, url, { arrived });
  const code = end.searchParams.get('code');
  if (!code) throw new VisitFailedError('the identity provider gave no code', status);
  const response = await send(jar, new URL(`${identityIssuer}/oauth/token`), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: scriptClientId,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      resource: apiResource,
      code,
    }),
  });
  const answer = (await response.json()) as { access_token?: string };
  if (!answer.access_token) throw new VisitFailedError('no token was given', response.status);
  return answer.access_token;
}
