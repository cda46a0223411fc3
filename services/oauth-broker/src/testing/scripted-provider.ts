import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type RecordedRequest = {
  path: string;
  /** With the query. */
  url: string;
  method: string;
  form: URLSearchParams;
  authorization: string | undefined;
};

type Answer = (response: ServerResponse, request: RecordedRequest) => void | Promise<void>;

type Grant = {
  subject: string;
  scope: string;
  nonce: string | null;
  accessTokens: Set<string>;
  refreshToken: string;
};
type Code = { challenge: string; redirectUri: string; grant: Grant };

export type ScriptedProvider = {
  origin: string;
  /** `name:port`, as `allowPrivateHosts` lists it. */
  host: string;
  requests: RecordedRequest[];
  /** The next request of this path is answered so; several are queued. */
  answerNext(path: string, answer: Answer): void;
  /** What a person who agrees sends back: the query of the callback. */
  consent(
    redirectUrl: string,
    options?: { subject?: string; scope?: string; iss?: string | null },
  ): string;
  withdraw(subject: string): void;
  count(path: string, grantType?: string): number;
  close(): Promise<void>;
};

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));
  };

/** In the form of an ID token; nobody checks the signature of one that came over TLS (OpenID Connect Core 3.1.3.7). */
export function idToken(claims: Record<string, unknown>): string {
  const now = Math.floor(Date.now() / 1000);
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const payload = { aud: 'our-client', iat: now, exp: now + 300, ...claims };
  return `${encode({ alg: 'RS256' })}.${encode(payload)}.${'A'.repeat(342)}`;
}

/** A real OAuth server on loopback: S256 PKCE, single-use codes, single-use refresh tokens, revocation, userinfo. */
export async function startScriptedProvider(
  options: { expiresInSeconds?: number; refreshTokens?: boolean } = {},
): Promise<ScriptedProvider> {
  const { expiresInSeconds = 3600, refreshTokens = true } = options;
  const requests: RecordedRequest[] = [];
  const scripted = new Map<string, Answer[]>();
  const codes = new Map<string, Code>();
  const grants = new Set<Grant>();
  const newToken = (kind: string) => `${kind}-${randomBytes(24).toString('base64url')}`;

  function tokensFor(grant: Grant): Record<string, unknown> {
    const accessToken = newToken('at');
    grant.accessTokens.add(accessToken);
    grant.refreshToken = newToken('rt');
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: expiresInSeconds,
      scope: grant.scope,
      ...(refreshTokens ? { refresh_token: grant.refreshToken } : {}),
      ...(grant.scope.includes('openid')
        ? { id_token: idToken({ iss: origin, sub: grant.subject, nonce: grant.nonce }) }
        : {}),
    };
  }

  const routes: Record<string, Answer> = {
    '/token': (response, request) => {
      const { form } = request;
      if (form.get('grant_type') === 'refresh_token') {
        const grant = [...grants].find((found) => found.refreshToken === form.get('refresh_token'));
        return grant
          ? json(200, tokensFor(grant))(response, request)
          : json(400, { error: 'invalid_grant' })(response, request);
      }
      const code = codes.get(form.get('code') ?? '');
      codes.delete(form.get('code') ?? '');
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      const good = code?.challenge === challenge && code.redirectUri === form.get('redirect_uri');
      if (!code || !good) {
        return json(400, { error: 'invalid_grant' })(response, request);
      }
      grants.add(code.grant);
      return json(200, tokensFor(code.grant))(response, request);
    },
    '/userinfo': (response, request) => {
      const token = request.authorization?.replace('Bearer ', '') ?? '';
      const grant = [...grants].find(({ accessTokens }) => accessTokens.has(token));
      return grant
        ? json(200, { sub: grant.subject, email: `${grant.subject}@acme.example` })(
            response,
            request,
          )
        : json(401, {}, { 'www-authenticate': 'Bearer error="invalid_token"' })(response, request);
    },
    '/revoke': (response) => {
      response.writeHead(200).end();
    },
  };

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const path = (incoming.url ?? '/').split('?')[0] ?? '/';
    const request: RecordedRequest = {
      path,
      url: incoming.url ?? '/',
      method: incoming.method ?? '',
      form: new URLSearchParams(Buffer.concat(chunks).toString()),
      authorization: incoming.headers.authorization,
    };
    requests.push(request);
    const answer = scripted.get(path)?.shift() ?? routes[path] ?? json(404, {});
    await answer(response, request);
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;

  return {
    origin,
    host: `127.0.0.1:${port}`,
    requests,
    answerNext(path, answer) {
      scripted.set(path, [...(scripted.get(path) ?? []), answer]);
    },
    consent(redirectUrl, { subject = 'ada', scope, iss = origin } = {}) {
      const asked = new URL(redirectUrl).searchParams;
      const code = randomBytes(16).toString('base64url');
      codes.set(code, {
        challenge: asked.get('code_challenge') ?? '',
        redirectUri: asked.get('redirect_uri') ?? '',
        grant: {
          nonce: asked.get('nonce'),
          subject,
          scope: scope ?? asked.get('scope') ?? '',
          accessTokens: new Set(),
          refreshToken: '',
        },
      });
      return new URLSearchParams({
        code,
        state: asked.get('state') ?? '',
        ...(iss === null ? {} : { iss }),
      }).toString();
    },
    withdraw(subject) {
      for (const grant of grants) if (grant.subject === subject) grants.delete(grant);
    },
    count: (path, grantType) =>
      requests.filter(
        (request) =>
          request.path === path &&
          (grantType === undefined || request.form.get('grant_type') === grantType),
      ).length,
    close: () => closeServer(server),
  };
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
