import { DomainError } from '@credential-renewal/runtime';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ids, sampleAuthorization } from '../testing/fake-services.ts';
import { type GatewayWorld, startGatewayWorld } from '../testing/gateway-world.ts';
import { cookieName } from './browser-binding.ts';

let world: GatewayWorld;
let completion: () => Promise<{ authorization: ReturnType<typeof sampleAuthorization> }>;
beforeAll(async () => {
  world = await startGatewayWorld({
    broker: {
      async completeAuthorization(request) {
        world.broker.completions.push(request);
        return completion();
      },
      async beginAuthorization({ userId }) {
        if (userId !== ids.creator)
          throw new DomainError('permission_denied', 'AUTHORIZATION_NOT_YOURS', 'Not yours.');
        return { redirectUrl: 'https://provider.example/authorize?x=1', state: 'state-1' };
      },
    },
  });
});
afterAll(() => world.stop());
beforeEach(() => {
  world.broker.completions.length = 0;
  world.logLines.length = 0;
  completion = async () => ({ authorization: sampleAuthorization() });
});

const hop = `/authorize/${ids.authorization}`;
const callback = '/oauth/callback?code=planted-code&state=state-1&iss=https%3A%2F%2Fp.example';

async function leave() {
  const response = await world.fetch(hop, { as: ids.creator });
  const [setCookie = ''] = response.headers.getSetCookie();
  return { response, setCookie, cookie: setCookie.split(';')[0] ?? '' };
}

async function comeBack(path: string, cookie: string, userId = ids.creator) {
  const session = await world.sessionOf(userId);
  return world.fetch(path, { headers: { cookie: `${session}; ${cookie}` } });
}

test('leaving binds the transaction to this browser and goes on to the provider', async () => {
  const { response, setCookie } = await leave();
  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toBe('https://provider.example/authorize?x=1');
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(setCookie).toMatch(
    /^authorization-[\w-]{16}=[\w-]{43}; Max-Age=600; Path=\/oauth\/callback; HttpOnly; SameSite=Lax$/,
  );
  expect(setCookie).not.toContain('state-1');
});

test('who is not signed in signs in first and comes back to the hop', async () => {
  const response = await world.fetch(hop);
  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toBe(`/sign-in?returnTo=${encodeURIComponent(hop)}`);
});

test("nobody can go through somebody else's transaction", async () => {
  const response = await world.fetch(hop, { as: ids.member });
  expect(response.status).toBe(403);
  expect(response.headers.getSetCookie()).toEqual([]);
});

test('a HEAD request begins and completes nothing', async () => {
  const { cookie } = await leave();
  for (const path of [hop, callback]) {
    const session = await world.sessionOf(ids.creator);
    const response = await world.fetch(path, {
      method: 'HEAD',
      headers: { cookie: `${session}; ${cookie}` },
    });
    expect(response.status).toBe(405);
  }
  expect(world.broker.completions).toEqual([]);
});

test('an id that is none is a page that says so', async () => {
  const response = await world.fetch('/authorize/%3Cscript%3E', { as: ids.creator });
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toContain('text/html');
});

test('coming back hands the query and the secret to the broker and returns to the page', async () => {
  completion = async () => ({
    authorization: sampleAuthorization({ returnTo: '/workspaces/1?tab=a#x' }),
  });
  const { cookie } = await leave();
  const response = await comeBack(callback, cookie);
  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toBe(
    `/workspaces/1?tab=a&authorization=${ids.authorization}#x`,
  );
  expect(response.headers.getSetCookie()[0]).toMatch(/^authorization-[\w-]{16}=; Max-Age=0/);
  expect(world.broker.completions).toMatchObject([
    {
      callbackQuery: callback.split('?')[1],
      userId: ids.creator,
      browserSecret: cookie.split('=')[1],
    },
  ]);
});

test('the redirect URI of one provider says which provider it was', async () => {
  const { cookie } = await leave();
  await comeBack(callback.replace('/callback?', '/callback/quirky?'), cookie);
  expect(world.broker.completions[0]?.redirectProviderId).toBe('quirky');
});

test.each([
  ['without the cookie of this browser', callback, ''],
  ['without a state', '/oauth/callback?code=c', 'x=y'],
  ['with an empty state', '/oauth/callback?code=c&state=', 'x=y'],
  ['with two states', `${callback}&state=state-2`, 'kept'],
  ['with a foreign state', callback.replace('state-1', 'state-9'), 'kept'],
  ['with nothing', '/oauth/callback', 'kept'],
  ['with an endless query', `${callback}&x=${'y'.repeat(17_000)}`, 'kept'],
])('a callback %s reaches no broker', async (_what, path, kept) => {
  const { cookie } = await leave();
  const response = await comeBack(path, kept === 'kept' ? cookie : kept);
  expect(response.status).toBe(400);
  expect(response.headers.get('content-type')).toContain('text/html');
  expect(await response.text()).toContain('Back to My sources');
  expect(world.broker.completions).toEqual([]);
});

test('a callback without a session reaches no broker', async () => {
  const { cookie } = await leave();
  const response = await world.fetch(callback, { headers: { cookie } });
  expect(response.status).toBe(403);
  expect(world.broker.completions).toEqual([]);
});

test('a replay that the broker finds ended is 409 and gives up the cookie', async () => {
  completion = async () => {
    throw new DomainError(
      'failed_precondition',
      'AUTHORIZATION_ENDED',
      'It is over <b>already</b>.',
    );
  };
  const { cookie } = await leave();
  const response = await comeBack(callback, cookie);
  expect(response.status).toBe(409);
  expect(response.headers.getSetCookie()[0]).toMatch(/Max-Age=0/);
  const page = await response.text();
  expect(page).toContain('AUTHORIZATION_ENDED');
  expect(page).not.toContain('<b>');
});

test.each([
  ['while the broker is away', 'unavailable', 503],
  ['when the wrong person is signed in', 'permission_denied', 403],
] as const)(
  '%s the cookie stays, so that it can still be finished',
  async (_when, kind, status) => {
    completion = async () => {
      throw new DomainError(kind, 'SOME_CODE', 'Not now.');
    };
    const { cookie } = await leave();
    const response = await comeBack(callback, cookie);
    expect(response.status).toBe(status);
    expect(response.headers.getSetCookie()).toEqual([]);
  },
);

test('a return target that is not allowed any more is not followed', async () => {
  completion = async () => ({
    authorization: sampleAuthorization({ returnTo: 'https://evil.example/' }),
  });
  const { cookie } = await leave();
  const response = await comeBack(callback, cookie);
  expect(response.status).toBe(400);
  expect(response.headers.get('location')).toBeNull();
});

test('an allowed return target elsewhere is followed with the outcome', async () => {
  completion = async () => ({
    authorization: sampleAuthorization({ returnTo: 'https://other-ui.example/done' }),
  });
  const { cookie } = await leave();
  expect((await comeBack(callback, cookie)).headers.get('location')).toBe(
    `https://other-ui.example/done?authorization=${ids.authorization}`,
  );
});

test('neither code nor state nor secret stands in the log', async () => {
  const { cookie } = await leave();
  await (await comeBack(callback, cookie)).text();
  await expect
    .poll(() => world.logLines.filter((line) => line.includes('/oauth/callback')))
    .toHaveLength(1);
  const log = world.logLines.join('');
  for (const secret of ['planted-code', 'state-1', cookie.split('=')[1] ?? '?'])
    expect(log).not.toContain(secret);
});

test('on https the cookie needs TLS', () => {
  expect(cookieName('state-1', true)).toMatch(/^__Secure-authorization-[\w-]{16}$/);
});
