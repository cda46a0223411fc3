import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export type FakeIdentityProvider = {
  issuer: URL;
  clientSecret: string;
  /** Claims of whoever signs in next. */
  person: Record<string, unknown>;
  tokenRequests: number;
  /** The query of the last authorization request. */
  lastRequest: URLSearchParams | undefined;
  /** A signed access token; `typ` and claims as asked. */
  sign(claims: JWTPayload, options?: { typ?: string; foreignKey?: boolean }): Promise<string>;
  stop(): Promise<void>;
};

/** A small signing OIDC provider on loopback: discovery, authorize (consents at once), token (checks PKCE), userinfo, jwks. */
export async function startFakeIdentityProvider(): Promise<FakeIdentityProvider> {
  const keys = await generateKeyPair('ES256');
  const foreign = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  const codes = new Map<string, URLSearchParams>();
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const fake: FakeIdentityProvider = {
    issuer: new URL(origin),
    clientSecret: 'client-secret-for-tests',
    person: {},
    tokenRequests: 0,
    lastRequest: undefined,
    sign: (claims, { typ = 'at+jwt', foreignKey = false } = {}) =>
      new SignJWT({ iss: origin, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'one', typ })
        .sign(foreignKey ? foreign.privateKey : keys.privateKey),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', origin);
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return json(response, 200, {
          issuer: origin,
          authorization_endpoint: `${origin}/authorize`,
          token_endpoint: `${origin}/token`,
          userinfo_endpoint: `${origin}/userinfo`,
          jwks_uri: `${origin}/jwks`,
          response_types_supported: ['code'],
          id_token_signing_alg_values_supported: ['ES256'],
          authorization_response_iss_parameter_supported: true,
        });
      case '/jwks':
        return json(response, 200, { keys: [jwk] });
      case '/authorize':
        return authorize(url.searchParams, response);
      case '/token':
        return token(await bodyOf(request), request, response);
      case '/userinfo':
        return json(response, 200, fake.person);
      default:
        return json(response, 404, {});
    }
  }

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    const code = randomUUID();
    codes.set(code, query);
    fake.lastRequest = query;
    const back = new URL(query.get('redirect_uri') ?? '');
    back.searchParams.set('code', code);
    back.searchParams.set('state', query.get('state') ?? '');
    back.searchParams.set('iss', origin);
    response.writeHead(303, { location: back.href }).end();
  }

  async function token(body: URLSearchParams, request: IncomingMessage, response: ServerResponse) {
    fake.tokenRequests += 1;
    const asked = codes.get(body.get('code') ?? '');
    codes.delete(body.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url');
    if (!knowsSecret(request.headers.authorization, fake.clientSecret))
      return json(response, 401, { error: 'invalid_client' });
    if (!asked || asked.get('code_challenge') !== challenge)
      return json(response, 400, { error: 'invalid_grant' });
    const nowSeconds = Math.floor(Date.now() / 1000);
    const idToken = await fake.sign(
      {
        sub: String(fake.person['sub']),
        aud: 'gateway',
        nonce: asked.get('nonce') ?? '',
        iat: nowSeconds,
        exp: nowSeconds + 300,
      },
      { typ: 'JWT' },
    );
    json(response, 200, { access_token: 'opaque', token_type: 'Bearer', id_token: idToken });
  }

  return fake;
}

/** RFC 6749 section 2.3.1: both parts are form-encoded before they become Basic. */
function knowsSecret(authorization: string | undefined, clientSecret: string): boolean {
  const pair = Buffer.from(authorization?.slice('Basic '.length) ?? '', 'base64').toString();
  const secret = pair.split(':')[1] ?? '';
  return decodeURIComponent(secret.replaceAll('+', ' ')) === clientSecret;
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
}
