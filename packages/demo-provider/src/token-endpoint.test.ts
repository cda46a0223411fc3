import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestWorld, type TestClient, tokens } from './test-world.ts';

/** A busy machine may take its time. */
const patiently = { timeout: 4_000 };

let demo: Awaited<ReturnType<typeof startTestWorld>>;
const clients: Record<string, TestClient> = {};
beforeAll(async () => {
  demo = await startTestWorld();
  for (const id of ['revolve', 'chatter']) clients[id] = await demo.client(id);
});
afterAll(() => demo.stop());

const ada = { account: 'ada@acme.example' };
const revolve = () => clients['revolve'] as TestClient;
const setMode = (provider: string, mode: string, more: object = {}) =>
  demo.control(`/providers/${provider}/mode`, { mode, times: 1, ...more });

describe.each(['revolve', 'chatter'])('%s', (provider) => {
  async function ask(): Promise<Response> {
    return clients[provider]?.exchange('no-such-code', 'x') as Promise<Response>;
  }

  test('answers 500, then normally again when the times are used up', async () => {
    await setMode(provider, '500');
    expect((await ask()).status).toBe(500);
    expect((await ask()).status).not.toBe(500);
  });

  test('answers 429 with Retry-After', async () => {
    await setMode(provider, '429');
    const response = await ask();
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '2']);
  });

  test('answers an HTML page', async () => {
    await setMode(provider, 'html');
    const response = await ask();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html']);
  });

  test('cuts the connection in place of the answer', async () => {
    await setMode(provider, 'cut');
    await expect(ask()).rejects.toThrow('fetch failed');
  });

  test('refuses the client', async () => {
    await setMode(provider, 'refuse_client');
    const response = await ask();
    const expected = provider === 'chatter' ? 'bad_client_secret' : 'invalid_client';
    expect((await tokens(response)).error).toBe(expected);
  });

  test('counts a request in every mode', async () => {
    const before = await exchanges(provider);
    await setMode(provider, '500');
    await ask();
    await ask();
    expect((await exchanges(provider)) - before).toBe(2);
  });
});

test('a cut answer was processed: the refresh token it answers is spent', async () => {
  const { refresh_token } = await revolve().connect(ada);
  await setMode('revolve', 'cut');
  await expect(revolve().refresh(refresh_token)).rejects.toThrow('fetch failed');
  demo.clock.advance(61_000);
  expect((await tokens(await revolve().refresh(refresh_token))).error).toBe('invalid_grant');
});

test('a refused client spends nothing', async () => {
  const { refresh_token } = await revolve().connect(ada);
  await setMode('revolve', 'refuse_client');
  expect((await revolve().refresh(refresh_token)).status).toBe(401);
  demo.clock.advance(61_000);
  expect((await revolve().refresh(refresh_token)).status).toBe(200);
});

test('a slow answer outlives an impatient client, and the next request is not slow', async () => {
  const { refresh_token } = await revolve().connect(ada);
  await setMode('revolve', 'slow', { delayMs: 60_000 });
  const patience = new AbortController();
  const slow = fetch(`${demo.world.origin}/revolve/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token' }),
    signal: patience.signal,
  });
  slow.catch(() => undefined);
  await expect.poll(() => mode('revolve'), patiently).toBe('normal');
  expect((await revolve().refresh(refresh_token)).status).toBe(200);
  patience.abort();
  await expect(slow).rejects.toThrow();
});

test('stopping does not wait for slow answers', async () => {
  const other = await startTestWorld();
  await other.control('/providers/revolve/mode', { mode: 'slow', delayMs: 60_000 });
  const slow = fetch(`${other.world.origin}/revolve/oauth/token`, { method: 'POST' });
  slow.catch(() => undefined);
  await expect
    .poll(
      async () => (await other.control<Counted>('/counters'))['revolve']?.tokenRequests,
      patiently,
    )
    .toEqual({ unknown: 1 });
  const began = performance.now();
  await other.stop();
  expect(performance.now() - began).toBeLessThan(2_000);
});

type Counted = Record<string, { tokenRequests: Record<string, number> }>;

async function exchanges(provider: string): Promise<number> {
  const counters = await demo.control<Counted>('/counters');
  return counters[provider]?.tokenRequests['authorization_code'] ?? 0;
}

async function mode(provider: string): Promise<string | undefined> {
  const { providers } = await demo.control<{ providers: { id: string; mode: string }[] }>('/state');
  return providers.find(({ id }) => id === provider)?.mode;
}
