import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestWorld } from '../test-world.ts';

let demo: Awaited<ReturnType<typeof startTestWorld>>;
beforeAll(async () => {
  demo = await startTestWorld();
  demo.mails.push({
    id: 'mail-1',
    to: 'ada@acme.example',
    subject: 'Credentials expired in source',
    sentAt: '2026-05-03T10:00:00.000Z',
    html: '<html><head><title>x</title></head><body><a href="http://gateway.example/x">go</a></body></html>',
    text: 'Go to <http://gateway.example/x>',
  });
});
afterAll(() => demo.stop());

type Init = { headers?: Record<string, string>; body?: unknown };
async function post(path: string, { headers = {}, body }: Init = {}) {
  const response = await fetch(`${demo.world.origin}/control${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, response };
}

test.each([
  ['an unknown grant', '/grants/no-such-grant/withdraw', {}, 404],
  ['an unknown provider', '/providers/nobody/expire-access-tokens', {}, 404],
  ['an unknown provider of grants', '/grants/withdraw', { provider: 'nobody' }, 404],
  ['an unknown call', '/no-such-call', {}, 404],
  ['an unknown mode', '/providers/orchard/mode', { mode: 'sideways' }, 400],
  ['no mode', '/providers/orchard/mode', {}, 400],
  ['times below one', '/providers/orchard/mode', { mode: 'cut', times: 0 }, 400],
  ['a clock that goes back', '/clock', { advanceSeconds: -1 }, 400],
  ['a worker that is neither', '/worker', { paused: 'perhaps' }, 400],
  ['tokens that never expire', '/providers/chatter/expire-access-tokens', {}, 409],
])('%s is refused as JSON', async (_name, path, body, status) => {
  const { response } = await post(path, { body });
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({ error: expect.any(String), message: expect.any(String) });
});

test.each([
  [{ origin: 'http://evil.example' }],
  [{ origin: 'null' }],
  [{ 'sec-fetch-site': 'cross-site' }],
  [{ 'sec-fetch-site': 'same-site' }],
])('another site cannot control it: %o', async (headers: Record<string, string>) => {
  const { status } = await post('/worker', { headers, body: { paused: true } });
  expect(status).toBe(403);
  expect(demo.workerPauses).not.toContain(true);
});

test('its own page can, with a form that leads back to the page', async () => {
  const response = await fetch(`${demo.world.origin}/control/worker`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: demo.world.origin, 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ paused: 'false' }),
  });
  expect([response.status, response.headers.get('location')]).toEqual([303, '/']);
  expect(demo.workerPauses.at(-1)).toBe(false);
});

test('a button without fields works, and so does a POST without a body', async () => {
  const path = '/control/providers/orchard/expire-access-tokens';
  const form = await fetch(`${demo.world.origin}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: '',
  });
  expect(form.status).toBe(303);
  expect((await post('/providers/orchard/expire-access-tokens')).status).toBe(200);
});

test('the narrowing of scopes can be set and lifted by forms', async () => {
  const url = `${demo.world.origin}/control/providers/orchard/narrow`;
  const narrowed = async () =>
    (await demo.control<{ providers: { narrowedScopes: unknown }[] }>('/state')).providers[0]
      ?.narrowedScopes;
  await fetch(url, { method: 'POST', body: new URLSearchParams({ scopes: 'files.list' }) });
  expect(await narrowed()).toEqual(['files.list']);
  await fetch(url, { method: 'POST', body: new URLSearchParams() });
  expect(await narrowed()).toBe(null);
});

test('the clock moves as far as asked', async () => {
  const before = demo.clock.nowMs();
  await demo.control('/clock', { advanceSeconds: 3600 });
  expect(demo.clock.nowMs() - before).toBeGreaterThanOrEqual(3_600_000);
});

test('all living grants of one account are withdrawn together, and no other', async () => {
  const revolve = await demo.client('revolve');
  for (const account of ['one@load.example', 'one@load.example', 'two@load.example']) {
    await revolve.connect({ account });
  }
  const result = await demo.control('/grants/withdraw', {
    provider: 'revolve',
    account: 'one@load.example',
  });
  expect(result).toEqual({ withdrawn: 2 });
  const { items } = await demo.control<{ items: { account: string; alive: boolean }[] }>(
    '/grants?provider=revolve&alive=true',
  );
  expect(items.map(({ account }) => account)).toEqual(['two@load.example']);
});

test('the mailbox is filtered by recipient and opens by id', async () => {
  const list = (to: string) => demo.control<{ items: unknown[] }>(`/mailbox?to=${to}`);
  expect((await list('ada@acme.example')).items).toHaveLength(1);
  expect((await list('max@acme.example')).items).toHaveLength(0);
  expect(await demo.control('/mailbox/mail-1')).toMatchObject({ id: 'mail-1' });
  await expect(demo.control('/mailbox/mail-2')).rejects.toThrow('404');
});

test('a mail is shown escaped, its HTML in a sandbox whose links leave the frame', async () => {
  const page = await (await fetch(`${demo.world.origin}/mailbox/mail-1`)).text();
  expect(page).toContain('Credentials expired in source');
  expect(page).toContain('Go to &lt;http://gateway.example/x&gt;');
  const frame = await fetch(`${demo.world.origin}/mailbox/mail-1/html`);
  expect(frame.headers.get('content-security-policy')).toContain('sandbox');
  expect(await frame.text()).toContain('<head><base target="_top">');
});

test('the control page lists grants with a button that withdraws them', async () => {
  const orchard = await demo.client('orchard');
  const { access_token } = await orchard.connect({ account: '<b>@acme.example' });
  const page = await (await fetch(demo.world.origin)).text();
  expect(page).toContain('&lt;b&gt;@acme.example');
  const { items } = await demo.control<{ items: { id: string }[] }>('/grants?provider=orchard');
  const action = `/control/grants/${items[0]?.id}/withdraw`;
  expect(page).toContain(`action="${action}"`);
  await fetch(`${demo.world.origin}${action}`, { method: 'POST', body: new URLSearchParams() });
  expect((await orchard.items(access_token)).status).toBe(401);
});
