import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestWorld, type TestClient, tokens } from '../test-world.ts';

let demo: Awaited<ReturnType<typeof startTestWorld>>;
let orchard: TestClient;
beforeAll(async () => {
  demo = await startTestWorld();
  orchard = await demo.client('orchard');
});
afterAll(() => demo.stop());

const ada = { account: 'ada@acme.example' };

test('the answer to an authorization names its issuer and says how long the token lives', async () => {
  const { parameters, verifier } = await orchard.authorize(ada);
  expect(parameters.get('iss')).toBe(`${demo.world.origin}/orchard`);
  expect(parameters.get('state')).toBe('some-state');
  const answer = await tokens(await orchard.exchange(parameters.get('code') ?? '', verifier));
  expect(answer.expires_in).toBe(3600);
  expect(answer.scope?.split(' ').sort()).toEqual(['files.list', 'files.read', 'openid']);
});

test('a code works once, and using it again ends what it gave', async () => {
  const { parameters, verifier } = await orchard.authorize(ada);
  const code = parameters.get('code') ?? '';
  const first = await tokens(await orchard.exchange(code, verifier));
  const second = await orchard.exchange(code, verifier);
  expect(second.status).toBe(400);
  expect((await tokens(second)).error).toBe('invalid_grant');
  expect((await orchard.items(first.access_token)).status).toBe(401);
});

test('without PKCE, or with the wrong verifier, there is no token', async () => {
  const missing = await orchard.authorize(ada, { code_challenge: '', code_challenge_method: '' });
  expect(missing.parameters.get('error')).toBe('invalid_request');
  const { parameters } = await orchard.authorize(ada);
  const answer = await orchard.exchange(parameters.get('code') ?? '', 'x'.repeat(43));
  expect((await tokens(answer)).error).toBe('invalid_grant');
});

test('the refresh token stays the same and can be used at once again', async () => {
  const { refresh_token } = await orchard.connect(ada);
  const first = await tokens(await orchard.refresh(refresh_token));
  const second = await tokens(await orchard.refresh(refresh_token));
  expect([first.refresh_token, second.refresh_token]).toEqual([refresh_token, refresh_token]);
  expect((await orchard.items(second.access_token)).status).toBe(200);
});

test('an unticked scope is missing from the answer', async () => {
  const { scope } = await orchard.connect({ ...ada, untick: ['files.read'] });
  expect(scope?.split(' ').sort()).toEqual(['files.list', 'openid']);
});

test('what the administrator narrowed is missing although it was ticked', async () => {
  await demo.control('/providers/orchard/narrow', { scopes: ['files.list'] });
  const { scope } = await orchard.connect(ada);
  await demo.control('/providers/orchard/narrow', {});
  expect(scope?.split(' ').sort()).toEqual(['files.list', 'openid']);
  expect((await orchard.connect(ada)).scope).toContain('files.read');
});

test('saying no leads back with access_denied and leaves no grant', async () => {
  const before = await grantCount();
  const { parameters } = await orchard.authorize({ ...ada, deny: true });
  expect(parameters.get('error')).toBe('access_denied');
  expect(parameters.get('iss')).toBe(`${demo.world.origin}/orchard`);
  expect(await grantCount()).toBe(before);
});

test('the subject belongs to the provider account and is no e-mail address', async () => {
  const identify = async (account: string) => {
    const { access_token } = await orchard.connect({ account });
    return (await (await orchard.identify(access_token)).json()) as { sub: string; email: string };
  };
  const first = await identify('ada@acme.example');
  const again = await identify('ada@acme.example');
  const other = await identify('ada.private@orchard.example');
  expect(first).toEqual(again);
  expect(first.email).toBe('ada@acme.example');
  expect(first.sub).not.toContain('@');
  expect(other.sub).not.toBe(first.sub);
});

test('revoking the refresh token ends the access token too; an unknown token is answered with 200', async () => {
  const { access_token, refresh_token } = await orchard.connect(ada);
  expect((await orchard.revoke(refresh_token)).status).toBe(200);
  expect((await orchard.items(access_token)).status).toBe(401);
  expect((await tokens(await orchard.refresh(refresh_token))).error).toBe('invalid_grant');
  expect((await orchard.revoke('never-issued')).status).toBe(200);
});

test('a withdrawn grant is refused at once, by the API, userinfo and the token endpoint', async () => {
  const { access_token, refresh_token } = await orchard.connect(ada);
  const { items } = await demo.control<{ items: { id: string }[] }>('/grants?provider=orchard');
  await demo.control(`/grants/${items[0]?.id}/withdraw`, {});
  expect((await orchard.items(access_token)).status).toBe(401);
  expect((await orchard.identify(access_token)).status).toBe(401);
  const refused = await orchard.refresh(refresh_token);
  expect([refused.status, (await tokens(refused)).error]).toEqual([400, 'invalid_grant']);
});

test('expired access tokens are refused until a refresh; expired refresh tokens for good', async () => {
  const { access_token, refresh_token } = await orchard.connect(ada);
  await demo.control('/providers/orchard/expire-access-tokens', {});
  expect((await orchard.items(access_token)).status).toBe(401);
  const fresh = await tokens(await orchard.refresh(refresh_token));
  expect((await orchard.items(fresh.access_token)).status).toBe(200);
  await demo.control('/providers/orchard/expire-refresh-tokens', {});
  expect((await tokens(await orchard.refresh(refresh_token))).error).toBe('invalid_grant');
});

test('two authorizations under way in different windows do not disturb each other', async () => {
  const [one, two] = await Promise.all([
    orchard.connect(ada),
    orchard.connect({ account: 'max@acme.example' }),
  ]);
  const labels = await Promise.all(
    [one, two].map(async ({ access_token }) => (await orchard.identify(access_token)).json()),
  );
  expect(labels.map((label) => (label as { email: string }).email)).toEqual([
    'ada@acme.example',
    'max@acme.example',
  ]);
});

async function grantCount(): Promise<number> {
  return (await demo.control<{ items: unknown[] }>('/grants')).items.length;
}
