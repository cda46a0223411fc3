import { createServer, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { systemClock } from '@credential-renewal/runtime';
import { createAuthority, listenOnLoopback } from '@credential-renewal/runtime/testing';
import { expect, test } from 'vitest';
import { createBearerVerifier } from '../session/bearer.ts';
import { createIdentityProvider } from './identity-provider.ts';
import { createProviderFetch } from './provider-fetch.ts';

const authority = createAuthority('Ours');
const claims = {
  ...{ clientId: 'gateway', clientSecretFile: undefined, scope: 'openid' },
  ...{ accountClaim: 'account', accountNameClaim: 'account_name', roleClaim: 'role' },
};
const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** An identity provider on loopback. `elsewhere`: the base of the endpoints that it announces; `detour`: this path answers with a redirect. */
async function startIssuer(options: {
  elsewhere?: Record<string, string>;
  detour?: [string, string];
}) {
  let nonce = '';
  const json = (response: ServerResponse, body: unknown) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const [detour, location] = options.detour ?? [];
    if (path === detour) return void response.writeHead(307, { location }).end();
    const iss = `http://127.0.0.1:${listening.port}`;
    const exp = Math.floor(Date.now() / 1000) + 60;
    if (path === '/token')
      return json(response, {
        ...{ access_token: 'opaque', token_type: 'Bearer' },
        id_token: `${encode({ alg: 'RS256' })}.${encode({ iss, sub: 'ada', aud: 'gateway', nonce, iat: exp - 60, exp })}.AAAA`,
      });
    json(response, {
      issuer: iss,
      authorization_endpoint: `${iss}/authorize`,
      token_endpoint: `${iss}/token`,
      userinfo_endpoint: `${iss}/userinfo`,
      jwks_uri: `${iss}/jwks`,
      ...options.elsewhere,
    });
  });
  const listening = await listenOnLoopback(server);
  return { ...listening, expect: (value: string) => (nonce = value) };
}

type Issuer = Awaited<ReturnType<typeof startIssuer>>;

/** What the gateway asks of it: one function per way that leads to a call. */
function gatewayOf(issuer: Issuer, allowPrivateHosts: string[] = []) {
  const url = new URL(`http://127.0.0.1:${issuer.port}`);
  const egress = { authorities: authority.certificate };
  const fetch = createProviderFetch({ issuer: url, allowPrivateHosts, egress, timeoutMs: 5_000 });
  const publicUrl = new URL('http://localhost:3000');
  const provider = createIdentityProvider({
    ...{ ...claims, issuer: url, publicUrl, clientSecret: undefined, fetch },
  });
  const bearer = createBearerVerifier({
    ...{ identityProvider: provider, claims: { ...claims, issuer: url }, audience: 'api', fetch },
    registry: { signInUser: () => Promise.reject(new Error('nobody signs in')) },
    clock: systemClock,
  });
  async function signIn() {
    const { secrets } = await provider.begin({ forceLogin: false });
    issuer.expect(secrets.nonce);
    const query = new URLSearchParams({ code: 'code', state: secrets.state });
    return provider.complete(new URL(`/sign-in/callback?${query}`, publicUrl), secrets);
  }
  const token = `${encode({ alg: 'RS256', kid: 'one' })}.${encode({ iss: url.origin })}.AAAA`;
  return { signIn, bearer: () => bearer.verify(token) };
}

const calls = [
  ['token', 'token_endpoint', 'signIn'],
  ['userinfo', 'userinfo_endpoint', 'signIn'],
  ['jwks', 'jwks_uri', 'bearer'],
] as const;
const unavailable = { code: 'IDENTITY_PROVIDER_UNAVAILABLE' };

test.each([['.well-known/openid-configuration', '', 'signIn'] as const, ...calls])(
  'a redirect of /%s is not followed',
  async (path, _, way) => {
    await using trap = await listenOnLoopback(createServer());
    const location = `http://127.0.0.1:${trap.port}/`;
    await using issuer = await startIssuer({ detour: [`/${path}`, location] });
    await expect(gatewayOf(issuer)[way]()).rejects.toMatchObject(unavailable);
    expect(trap.connections()).toBe(0);
  },
);

test.each(calls)(
  'a private host in the discovery document gets no %s request, by name or by address',
  async (path, endpoint, way) => {
    await using trap = await listenOnLoopback(createServer());
    for (const host of ['localhost', '127.0.0.1', '[::ffff:127.0.0.1]']) {
      const elsewhere = { [endpoint]: `https://${host}:${trap.port}/${path}` };
      await using issuer = await startIssuer({ elsewhere });
      await expect(gatewayOf(issuer)[way](), host).rejects.toMatchObject(unavailable);
    }
    expect(trap.connections()).toBe(0);
  },
);

test('a host that the operator lists is spoken to, with a certificate of the own authority', async () => {
  const { certificate: cert, key } = authority.issue();
  await using listed = await listenOnLoopback(
    createTlsServer({ cert, key }, (_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ sub: 'ada', account: 'acme' }));
    }),
  );
  const host = `localhost:${listed.port}`;
  await using issuer = await startIssuer({ elsewhere: { userinfo_endpoint: `https://${host}/` } });
  expect(await gatewayOf(issuer, [host]).signIn()).toMatchObject({ sub: 'ada', account: 'acme' });
});

test('an issuer on a private address is asked nothing until the operator allows it', async () => {
  await using server = await listenOnLoopback(createServer(), { host: '127.0.0.2' });
  const publicUrl = new URL('http://localhost:3000');
  const issuer = new URL(`https://127.0.0.2:${server.port}`);
  const begin = (allowPrivateHosts: string[]) => {
    const options = { issuer, allowPrivateHosts, egress: undefined, timeoutMs: 5_000 };
    const fetch = createProviderFetch(options);
    return createIdentityProvider({
      ...{ ...claims, issuer, publicUrl, clientSecret: undefined, fetch },
    }).begin({ forceLogin: false });
  };
  await expect(begin([])).rejects.toMatchObject({
    ...unavailable,
    cause: { cause: { code: 'address_forbidden' } },
  });
  expect(server.connections()).toBe(0);
  // No TLS is spoken there, so the sign-in fails all the same; but it was called.
  await expect(begin([issuer.host])).rejects.toMatchObject(unavailable);
  expect(server.connections()).toBe(1);
});
