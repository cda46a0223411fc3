import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ids } from '../testing/fake-services.ts';
import { type GatewayWorld, startGatewayWorld } from '../testing/gateway-world.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await startGatewayWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.identityProvider.tokenRequests = 0;
  world.identityProvider.person = {
    sub: ids.creator,
    account: 'acme',
    account_name: 'Acme Inc.',
    name: 'Ada',
    email: 'ada@acme.example',
  };
});

/** `name=value` pairs of the cookies that a response sets (not those it clears). */
function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .filter((cookie) => !cookie.includes('Max-Age=0'))
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

/** Begins a sign-in and lets the identity provider answer; the callback is not yet opened. */
async function begin(query = 'returnTo=%2Fworkspaces', cookie = '') {
  const start = await world.fetch(`/sign-in?${query}`, { headers: { cookie } });
  expect(start.status).toBe(303);
  const atProvider = await fetch(start.headers.get('location') ?? '', { redirect: 'manual' });
  const callback = new URL(atProvider.headers.get('location') ?? '');
  return { callback, cookie: cookiesOf(start), setCookies: start.headers.getSetCookie() };
}

test('signing in leads back to the page with a session that works', async () => {
  const { callback, cookie, setCookies } = await begin();
  expect(setCookies[0]).toMatch(
    /^sign-in-[\w-]{16}=.+; Path=\/sign-in\/callback; HttpOnly; SameSite=Lax/,
  );
  const done = await world.fetch(callback.pathname + callback.search, { headers: { cookie } });
  expect(done.status).toBe(303);
  expect(done.headers.get('location')).toBe('/workspaces');
  const session = cookiesOf(done);
  const me = await world.fetch('/api/v1/me', { headers: { cookie: session } });
  expect(await me.json()).toMatchObject({ user: { name: 'Ada', email: 'ada@acme.example' } });
});

test('the authorization request carries PKCE S256, state and nonce', async () => {
  await begin();
  const asked = world.identityProvider.lastRequest;
  expect(asked?.get('code_challenge_method')).toBe('S256');
  expect(asked?.get('redirect_uri')).toBe('http://localhost:3000/sign-in/callback');
  for (const name of ['code_challenge', 'state', 'nonce'])
    expect(asked?.get(name)?.length, name).toBeGreaterThan(30);
});

test('a callback in another browser, with a foreign state, or a second time asks for no token', async () => {
  const { callback, cookie } = await begin();
  const path = callback.pathname + callback.search;
  const elsewhere = await world.fetch(path);
  expect(elsewhere.status).toBe(400);
  expect(elsewhere.headers.get('content-type')).toContain('text/html');
  callback.searchParams.set('state', 'foreign');
  const foreign = await world.fetch(callback.pathname + callback.search, { headers: { cookie } });
  expect(foreign.status).toBe(400);
  expect(world.identityProvider.tokenRequests).toBe(0);

  const first = await world.fetch(path, { headers: { cookie } });
  expect(first.headers.getSetCookie().some((value) => /^sign-in-.*Max-Age=0/.test(value))).toBe(
    true,
  );
});

test('an answer of another issuer is refused before any token request', async () => {
  const { callback, cookie } = await begin();
  callback.searchParams.set('iss', 'https://evil.example');
  const response = await world.fetch(callback.pathname + callback.search, { headers: { cookie } });
  expect(response.status).toBe(400);
  expect(world.identityProvider.tokenRequests).toBe(0);
  expect(cookiesOf(response)).not.toContain('session=');
});

test('somebody who turns back is told so, and gets no session', async () => {
  const { callback, cookie } = await begin();
  const query = new URLSearchParams({
    error: 'access_denied',
    state: callback.searchParams.get('state') ?? '',
    iss: callback.searchParams.get('iss') ?? '',
  });
  const response = await world.fetch(`/sign-in/callback?${query}`, { headers: { cookie } });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('You turned back');
});

test('a sign-in that took longer than ten minutes begins again', async () => {
  const { callback, cookie } = await begin();
  world.clock.advance(10 * 60_000 + 1_000);
  const response = await world.fetch(callback.pathname + callback.search, { headers: { cookie } });
  expect(response.status).toBe(400);
  expect(world.identityProvider.tokenRequests).toBe(0);
});

test('a person without an account is told which claim is missing', async () => {
  world.identityProvider.person = { sub: ids.creator, name: 'Ada' };
  const { callback, cookie } = await begin();
  const response = await world.fetch(callback.pathname + callback.search, { headers: { cookie } });
  expect(response.status).toBe(403);
  expect(await response.text()).toContain('&#34;account&#34;');
});

test.each([
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/%09/x\t',
  'javascript:alert(1)',
  'my-sources',
])('a return target %j is refused by name', async (returnTo) => {
  const response = await world.fetch(`/sign-in?${new URLSearchParams({ returnTo })}`);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('/returnTo must be a path of this site');
});

test('after signing out the cookie is gone and the next sign-in asks for the password again', async () => {
  const out = await world.fetch('/sign-out', { method: 'POST', as: ids.creator });
  expect(out.status).toBe(204);
  expect(out.headers.getSetCookie()[0]).toMatch(/^session=; Max-Age=0/);
  await begin('', cookiesOf(out));
  expect(world.identityProvider.lastRequest?.get('prompt')).toBe('login');
});

test('another site cannot sign somebody out', async () => {
  const response = await world.fetch('/sign-out', {
    method: 'POST',
    as: ids.creator,
    headers: { origin: 'https://evil.example' },
  });
  expect(response.status).toBe(403);
});

test('without the identity provider sign-in is 503, and works again once it is back', async () => {
  const lost = await startGatewayWorld({
    config: {
      identityProvider: {
        issuer: new URL('http://127.0.0.1:9'),
        clientId: 'gateway',
        clientSecretFile: undefined,
        scope: 'openid',
        accountClaim: 'account',
        accountNameClaim: 'account_name',
        roleClaim: 'role',
      },
    },
  });
  const response = await lost.fetch('/sign-in');
  await lost.stop();
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('5');
});

test('a client secret that does not fit is told to the operator, not to the person', async () => {
  const own = await startGatewayWorld({ clientSecret: 'wrong' });
  const start = await own.fetch('/sign-in');
  const atProvider = await fetch(start.headers.get('location') ?? '', { redirect: 'manual' });
  const callback = new URL(atProvider.headers.get('location') ?? '');
  const response = await own.fetch(callback.pathname + callback.search, {
    headers: { cookie: cookiesOf(start) },
  });
  await own.stop();
  expect(response.status).toBe(400);
  expect(await response.text()).not.toContain('invalid_client');
  const told = own.logLines.filter((line) => line.includes('invalid_client'));
  expect(told).toHaveLength(1);
  expect(told[0]).not.toContain(callback.searchParams.get('code'));
});
