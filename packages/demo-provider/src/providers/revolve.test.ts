import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestWorld, type TestClient, tokens } from '../test-world.ts';
import type { TokenCounters } from '../token-endpoint.ts';

let demo: Awaited<ReturnType<typeof startTestWorld>>;
let revolve: TestClient;
beforeAll(async () => {
  demo = await startTestWorld({ options: { revolveGraceSeconds: 60 } });
  revolve = await demo.client('revolve');
});
afterAll(() => demo.stop());

const ada = { account: 'ada@acme.example' };
const counters = async () => (await demo.control<{ revolve: TokenCounters }>('/counters')).revolve;

test('every refresh gives a new refresh token', async () => {
  const { refresh_token } = await revolve.connect(ada);
  const next = await tokens(await revolve.refresh(refresh_token));
  expect(next.refresh_token).not.toBe(refresh_token);
  const third = await tokens(await revolve.refresh(next.refresh_token));
  expect((await revolve.items(third.access_token)).status).toBe(200);
});

test('within the grace a spent token still gets a working pair, and the reuse is counted', async () => {
  const { refresh_token } = await revolve.connect(ada);
  const before = await counters();
  const first = await tokens(await revolve.refresh(refresh_token));
  demo.clock.advance(59_000);
  const second = await tokens(await revolve.refresh(refresh_token));
  expect(second.refresh_token).not.toBe(first.refresh_token);
  for (const pair of [first, second]) {
    expect((await revolve.refresh(pair.refresh_token)).status).toBe(200);
  }
  expect((await counters()).spentTokenReuses - before.spentTokenReuses).toBe(1);
});

test('after the grace a spent token ends the whole grant', async () => {
  const { refresh_token } = await revolve.connect(ada);
  const living = await tokens(await revolve.refresh(refresh_token));
  demo.clock.advance(61_000);
  expect((await tokens(await revolve.refresh(refresh_token))).error).toBe('invalid_grant');
  expect((await tokens(await revolve.refresh(living.refresh_token))).error).toBe('invalid_grant');
  expect((await revolve.items(living.access_token)).status).toBe(401);
  const { items } = await demo.control<{ items: { alive: boolean; endedBy: string }[] }>(
    '/grants?provider=revolve',
  );
  expect(items[0]).toMatchObject({ alive: false, endedBy: 'reuse' });
});

test('reuse inside the grace does not prolong the grace', async () => {
  const { refresh_token } = await revolve.connect(ada);
  await revolve.refresh(refresh_token);
  demo.clock.advance(40_000);
  expect((await revolve.refresh(refresh_token)).status).toBe(200);
  demo.clock.advance(40_000);
  expect((await revolve.refresh(refresh_token)).status).toBe(400);
});

test('two refreshes of one token at the same time are counted as overlapping', async () => {
  const { refresh_token } = await revolve.connect(ada);
  const before = await counters();
  await Promise.all([revolve.refresh(refresh_token), revolve.refresh(refresh_token)]);
  const after = await counters();
  expect(after.overlappingRefreshes - before.overlappingRefreshes).toBe(1);
  const refreshes = (count: TokenCounters) => count.tokenRequests['refresh_token'] ?? 0;
  expect(refreshes(after) - refreshes(before)).toBe(2);
});

test('tokens live by the injected clock', async () => {
  const { access_token, refresh_token } = await revolve.connect(ada);
  demo.clock.advance(3_601_000);
  expect((await revolve.items(access_token)).status).toBe(401);
  const next = await tokens(await revolve.refresh(refresh_token));
  expect((await revolve.items(next.access_token)).status).toBe(200);
  demo.clock.advance(61 * 86_400_000);
  expect((await tokens(await revolve.refresh(next.refresh_token))).error).toBe('invalid_grant');
});
