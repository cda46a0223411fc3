import { createHash } from 'node:crypto';
import { durationFromMs } from '@credential-renewal/rpc';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { countersOf } from './demo-grants.ts';
import { productTest as test } from './product.ts';
import { dueSeconds, hourSeconds, startTokenWorker, type TokenWorker } from './token-worker.ts';
import { until } from './until.ts';

let worker: TokenWorker;

beforeAll(async () => {
  worker = await startTokenWorker();
});
beforeEach(() => worker.beginAnew());
afterAll(() => worker?.dispose());

test('a token that lives is handed out without a word to the provider', async () => {
  const { source } = await worker.addSource('orchard-drive', 'orchard');
  const before = await countersOf(worker.controls, 'orchard');
  const first = await worker.read(source);
  const again = await Promise.all(Array.from({ length: 20 }, () => worker.read(source)));
  expect(new Set(again.map(({ accessToken }) => accessToken))).toEqual(
    new Set([first.accessToken]),
  );
  expect(first.tokenHash).toBe(createHash('sha256').update(first.accessToken).digest('base64url'));
  expect(await countersOf(worker.controls, 'orchard')).toEqual(before);
});

test('fifty callers at once after the end of a token cause exactly one token request', async () => {
  const { source } = await worker.addSource('revolve-box', 'revolve');
  const old = await worker.read(source);
  const before = await countersOf(worker.controls, 'revolve');
  await worker.controls.advanceClock(hourSeconds + 1);
  const found = await Promise.all(Array.from({ length: 50 }, () => worker.read(source)));
  expect(new Set(found.map(({ accessToken }) => accessToken)).size).toBe(1);
  expect(found[0]?.accessToken).not.toBe(old.accessToken);
  const after = await countersOf(worker.controls, 'revolve');
  expect(after.refreshes - before.refreshes).toBe(1);
  expect(after.overlappingRefreshes).toBe(0);
  expect(after.spentTokenReuses).toBe(0);
});

test('a caller that wants more life than a token has left gets a fresh one', async () => {
  const { source } = await worker.addSource('orchard-drive', 'orchard');
  const old = await worker.read(source);
  await worker.controls.advanceClock(40 * 60);
  expect((await worker.read(source)).accessToken).toBe(old.accessToken);
  const fresh = await worker.broker.getAccessToken(
    worker.request(source, { minimumRemainingLife: durationFromMs(25 * 60_000) }),
  );
  expect(fresh.accessToken).not.toBe(old.accessToken);
});

test('a token is refreshed ahead of its end, with nobody asking', async () => {
  const { source } = await worker.addSource('orchard-drive', 'orchard');
  const old = await worker.read(source);
  const { refreshes } = await countersOf(worker.controls, 'orchard');
  await worker.controls.advanceClock(dueSeconds);
  await until(async () =>
    expect((await countersOf(worker.controls, 'orchard')).refreshes).toBeGreaterThan(refreshes),
  );
  await until(async () =>
    expect((await worker.read(source)).accessToken).not.toBe(old.accessToken),
  );
});

test('tokens whose end the provider never tells are refreshed by the life that the catalogue knows', async () => {
  const { source } = await worker.addSource('helpline-desk', 'helpline');
  const old = await worker.read(source);
  const lifeMs = (old.expiresAt?.getTime() ?? 0) - Date.now();
  expect(old.expiresAt).toBeInstanceOf(Date);
  expect(lifeMs).toBeGreaterThan(0);
  const { refreshes } = await countersOf(worker.controls, 'helpline');
  await worker.controls.advanceClock(26 * 60);
  await until(async () =>
    expect((await countersOf(worker.controls, 'helpline')).refreshes).toBeGreaterThan(refreshes),
  );
  await until(async () =>
    expect((await worker.read(source)).accessToken).not.toBe(old.accessToken),
  );
  expect(await worker.statusOf(source)).toBe('healthy');
});
