import { afterAll, beforeAll, expect, test } from 'vitest';
import { ids } from '../testing/fake-services.ts';
import { type GatewayWorld, startGatewayWorld } from '../testing/gateway-world.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await startGatewayWorld();
});
afterAll(() => world.stop());

const minuteMs = 60_000;

async function meWith(headers: Record<string, string>) {
  const response = await world.fetch('/api/v1/me', { headers });
  const body = (await response.json()) as { code?: string };
  return { status: response.status, code: body.code, headers: response.headers };
}

function tokenFor(claims: Record<string, unknown> = {}, options = {}) {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return world.identityProvider.sign(
    {
      sub: ids.creator,
      aud: 'urn:credential-renewal:api',
      account: 'acme',
      iat: nowSeconds,
      exp: nowSeconds + 300,
      ...claims,
    },
    options,
  );
}

test('without a session or token a call is 401 and says how to authenticate', async () => {
  const { status, code, headers } = await meWith({});
  expect([status, code]).toEqual([401, 'SESSION_REQUIRED']);
  expect(headers.get('www-authenticate')).toBe('Bearer');
});

test.each([
  ['not sealed at all', async () => 'session=plain'],
  [
    'sealed with another key',
    async () => 'session=eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA',
  ],
  ['changed', async () => `${(await world.sessionOf(ids.creator)).slice(0, -4)}AAAA`],
  ['of a user nobody knows', () => world.sessionOf(ids.unknown)],
])('a cookie that is %s is 401 and cleared', async (_what, cookie) => {
  const { status, code, headers } = await meWith({ cookie: await cookie() });
  expect([status, code]).toEqual([401, 'SESSION_INVALID']);
  expect(headers.getSetCookie()[0]).toMatch(/^session=; Max-Age=0; Path=\//);
});

test('a session ends twelve hours after sign-in', async () => {
  const own = await startGatewayWorld();
  const cookie = await own.sessionOf(ids.creator);
  const status = async () => (await own.fetch('/api/v1/me', { headers: { cookie } })).status;
  own.clock.advance(12 * 60 * minuteMs - 5_000);
  expect(await status()).toBe(200);
  own.clock.advance(10_000);
  expect(await status()).toBe(401);
  await own.stop();
});

test('somebody who has left is out within seconds', async () => {
  const own = await startGatewayWorld();
  const cookie = await own.sessionOf(ids.member);
  const me = () => own.fetch('/api/v1/me', { headers: { cookie } });
  expect((await me()).status).toBe(200);
  const user = own.registry.users.get(ids.member);
  if (user) user.left = true;
  own.clock.advance(5_001);
  const after = await me();
  expect(after.status).toBe(401);
  expect(((await after.json()) as { code: string }).code).toBe('USER_LEFT');
  await own.stop();
});

const renewal = `/api/v1/my-sources/${ids.source}/renewals`;

test.each([
  ['another origin', { origin: 'https://evil.example' }, 403],
  ['an opaque origin', { origin: 'null' }, 403],
  ['a sibling site', { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }, 403],
  ['a cross-site page', { 'sec-fetch-site': 'cross-site' }, 403],
  ['no origin at all', {}, 403],
  ['this site by origin', { origin: 'http://localhost:3000' }, 201],
  ['this site by fetch metadata', { 'sec-fetch-site': 'same-origin' }, 201],
])('a change with the cookie from %s is answered as it must', async (_what, headers, status) => {
  const cookie = await world.sessionOf(ids.creator);
  const response = await world.fetch(renewal, { method: 'POST', headers: { ...headers, cookie } });
  expect(response.status).toBe(status);
  if (status === 403)
    expect(((await response.json()) as { code: string }).code).toBe('CROSS_SITE_REQUEST');
});

test('on https the session cookie is bound to the host and needs TLS', async () => {
  const own = await startGatewayWorld({ config: { publicUrl: new URL('https://app.example') } });
  const out = await own.fetch('/sign-out', { method: 'POST', as: ids.creator });
  expect(out.headers.getSetCookie()[0]).toMatch(/^__Host-session=; .*Path=\/; .*HttpOnly; Secure/);
  expect(out.headers.get('strict-transport-security')).toContain('max-age=31536000');
  await own.stop();
});

test('a bearer token of the same provider is a second way in, without cookie or origin', async () => {
  const authorization = `Bearer ${await tokenFor({ name: 'Ada', role: 'admin' })}`;
  const response = await world.fetch(renewal, { method: 'POST', headers: { authorization } });
  expect(response.status).toBe(201);
});

test.each([
  ['expired beyond the tolerance', { exp: Math.floor(Date.now() / 1000) - 40 }, {}],
  ['without an end', { exp: undefined }, {}],
  ['for another audience', { aud: 'gateway' }, {}],
  ['of another issuer', { iss: 'https://evil.example' }, {}],
  ['signed with another key', {}, { foreignKey: true }],
  ['of another type', {}, { typ: 'logout+jwt' }],
  ['without an account', { account: undefined }, {}],
])('a bearer token %s is 401 with its challenge', async (_what, claims, options) => {
  const authorization = `Bearer ${await tokenFor(claims, options)}`;
  const { status, code, headers } = await meWith({ authorization });
  expect([status, code]).toEqual([401, 'BEARER_TOKEN_INVALID']);
  expect(headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
});

test('a clock that is half a minute off is tolerated', async () => {
  const authorization = `Bearer ${await tokenFor({ exp: Math.floor(Date.now() / 1000) - 10 })}`;
  expect((await meWith({ authorization })).status).toBe(200);
});

test.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer a b', 'Bearer eyJhbGciOiJub25lIn0.e30.'])(
  'an Authorization header %j is 401, also beside a valid cookie',
  async (authorization) => {
    const cookie = await world.sessionOf(ids.creator);
    expect((await meWith({ authorization, cookie })).status).toBe(401);
  },
);

test('an allowed origin may call with a token, any other gets no permission', async () => {
  const preflight = (origin: string) =>
    world.fetch('/api/v1/sources', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
  const allowed = await preflight('https://other-ui.example');
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://other-ui.example');
  expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
  const refused = await preflight('https://evil.example');
  expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  const authorization = `Bearer ${await tokenFor()}`;
  const call = await world.fetch('/api/v1/me', {
    headers: { origin: 'https://other-ui.example', authorization },
  });
  expect(call.headers.get('access-control-allow-origin')).toBe('https://other-ui.example');
});
