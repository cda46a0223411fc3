import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestWorld, type TestClient, tokens } from '../test-world.ts';

let demo: Awaited<ReturnType<typeof startTestWorld>>;
let helpline: TestClient;
beforeAll(async () => {
  demo = await startTestWorld();
  helpline = await demo.client('helpline');
});
afterAll(() => demo.stop());

const ada = { account: 'ada@acme.example' };

test('no answer says when a token ends', async () => {
  const first = await helpline.connect(ada);
  const second = await tokens(await helpline.refresh(first.refresh_token));
  expect(first).not.toHaveProperty('expires_in');
  expect(second).not.toHaveProperty('expires_in');
  expect(second.refresh_token).not.toBe(first.refresh_token);
});

test('nothing can be discovered', async () => {
  for (const name of ['openid-configuration', 'oauth-authorization-server']) {
    const response = await fetch(`${demo.world.origin}/helpline/.well-known/${name}`);
    expect(response.status).toBe(404);
  }
});

test('without iss it answers at a redirect URI of its own', async () => {
  const { url, parameters } = await helpline.authorize(ada);
  expect(url.pathname).toBe('/oauth/callback/helpline');
  expect(parameters.has('iss')).toBe(false);
  expect(parameters.get('code')).toBeTruthy();
  const denied = await helpline.authorize({ ...ada, deny: true });
  expect(denied.parameters.has('iss')).toBe(false);
  expect(denied.parameters.get('error')).toBe('access_denied');
});

test('an access token lives half an hour', async () => {
  const { access_token } = await helpline.connect(ada);
  demo.clock.advance(1_799_000);
  expect((await helpline.items(access_token)).status).toBe(200);
  demo.clock.advance(2_000);
  expect((await helpline.items(access_token)).status).toBe(401);
});

test('the identity call names the user', async () => {
  const { access_token } = await helpline.connect(ada);
  expect(await (await helpline.identify(access_token)).json()).toEqual({
    user: { id: expect.stringMatching(/^[0-9a-f]{16}$/), email: 'ada@acme.example' },
  });
});
