import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestWorld, type TestClient, tokens } from '../test-world.ts';

let demo: Awaited<ReturnType<typeof startTestWorld>>;
let chatter: TestClient;
beforeAll(async () => {
  demo = await startTestWorld();
  chatter = await demo.client('chatter');
});
afterAll(() => demo.stop());

const acme = { account: 'Acme' };

test('a token comes without an end, without a refresh token and with comma-separated scopes', async () => {
  const answer = await chatter.connect(acme);
  expect(answer.ok).toBe(true);
  expect(answer.scope).toBe('channels:read,files:read');
  expect(answer).not.toHaveProperty('expires_in');
  expect(answer).not.toHaveProperty('refresh_token');
  demo.clock.advance(5 * 365 * 86_400_000);
  expect(await (await chatter.items(answer.access_token)).json()).toMatchObject({ ok: true });
});

test('the callback is Chatter’s own and carries no iss', async () => {
  const { url, parameters } = await chatter.authorize(acme);
  expect(url.pathname).toBe('/oauth/callback/chatter');
  expect(parameters.has('iss')).toBe(false);
  expect(parameters.get('state')).toBe('some-state');
});

test('the identity call names the workspace, the same on every authorization', async () => {
  const identify = async (account: string) => {
    const { access_token } = await chatter.connect({ account });
    return (await (await chatter.identify(access_token)).json()) as { team_id: string };
  };
  const first = await identify('Acme');
  expect(first).toMatchObject({ ok: true, team: 'Acme', team_id: expect.stringMatching(/^T/) });
  expect(await identify('Acme')).toEqual(first);
  expect((await identify('Globex')).team_id).not.toBe(first.team_id);
});

test('every refusal is a 200 with the error inside', async () => {
  const bad = await chatter.exchange('no-such-code', 'x');
  expect([bad.status, await tokens(bad)]).toEqual([200, { ok: false, error: 'invalid_code' }]);
  const { parameters, verifier } = await chatter.authorize(acme);
  const code = parameters.get('code') ?? '';
  expect(await tokens(await chatter.exchange(code, 'wrong'))).toEqual({
    ok: false,
    error: 'invalid_code_verifier',
  });
  expect(await tokens(await chatter.exchange(code, verifier))).toMatchObject({ ok: false });
  const unknown = await chatter.identify('never-issued');
  expect([unknown.status, await unknown.json()]).toEqual([
    200,
    { ok: false, error: 'invalid_auth' },
  ]);
});

test.each([
  ['withdrawn', 'token_revoked'],
  ['account_inactive', 'account_inactive'],
  ['authorization_not_found', 'authorization_not_found'],
])('a grant ended as %s is refused at once with %s', async (reason, error) => {
  const { access_token } = await chatter.connect(acme);
  await demo.control('/grants/withdraw', { provider: 'chatter', reason });
  for (const response of [
    await chatter.identify(access_token),
    await chatter.items(access_token),
  ]) {
    expect([response.status, await response.json()]).toEqual([200, { ok: false, error }]);
  }
});

test('revoking ends the token; doing it twice is no error', async () => {
  const { access_token } = await chatter.connect(acme);
  expect(await (await chatter.revoke(access_token)).json()).toEqual({ ok: true, revoked: true });
  expect(await (await chatter.revoke(access_token)).json()).toEqual({ ok: true, revoked: false });
  expect(await (await chatter.identify(access_token)).json()).toMatchObject({ ok: false });
});

test('a stranger’s redirect URI gets a page, never a redirect', async () => {
  const { url, status } = await chatter.authorize(acme, { redirect_uri: 'http://evil.example/' });
  expect([url.origin, status]).toEqual([demo.world.origin, 400]);
});

test('PKCE S256 is required', async () => {
  const { parameters } = await chatter.authorize(acme, { code_challenge_method: 'plain' });
  expect(parameters.get('error')).toBe('invalid_request');
});
