import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { countersOf, grantsOf, setMode } from './demo-grants.ts';
import { productTest as test } from './product.ts';
import { dueSeconds, graceSeconds, startTokenWorker, type TokenWorker } from './token-worker.ts';
import { until } from './until.ts';

let worker: TokenWorker;

beforeAll(async () => {
  worker = await startTokenWorker();
});
beforeEach(() => worker.beginAnew());
afterAll(() => worker?.dispose());

test('a lost answer of a rotating provider is asked for again within its grace, and nobody notices', async () => {
  const { source } = await worker.addSource('revolve-box', 'revolve');
  const old = await worker.read(source);
  const before = await countersOf(worker.controls, 'revolve');
  const mails = (await worker.controls.mails()).length;
  await setMode(worker.controls, 'revolve', 'cut', { times: 1 });
  await worker.controls.advanceClock(dueSeconds);
  await until(async () => {
    const now = await countersOf(worker.controls, 'revolve');
    expect(now.refreshes - before.refreshes).toBe(1);
  });
  expect(await worker.statusOf(source)).toBe('healthy');
  // Backing off runs on the product's clock; still well within the grace.
  await worker.controls.advanceClock(5);
  await until(async () =>
    expect((await worker.read(source)).accessToken).not.toBe(old.accessToken),
  );
  const after = await countersOf(worker.controls, 'revolve');
  expect(after.spentTokenReuses - before.spentTokenReuses).toBe(1);
  expect(await worker.statusOf(source)).toBe('healthy');
  expect(await worker.controls.mails()).toHaveLength(mails);
});

test('a lost answer that stays lost beyond the grace is our fault, and the mail says so', async () => {
  const { source, account } = await worker.addSource('revolve-box', 'revolve');
  const { refreshes } = await countersOf(worker.controls, 'revolve');
  const mails = (await worker.controls.mails()).length;
  await setMode(worker.controls, 'revolve', 'cut');
  await worker.controls.advanceClock(dueSeconds);
  await until(async () =>
    expect((await countersOf(worker.controls, 'revolve')).refreshes).toBeGreaterThan(refreshes),
  );
  await worker.controls.advanceClock(2 * graceSeconds);
  await setMode(worker.controls, 'revolve', 'normal');
  await until(async () => {
    await worker.controls.advanceClock(10);
    expect(await worker.statusOf(source)).toBe('expired');
  });
  const { credential } = await worker.ada.source(source.id);
  expect(credential.reason).toMatchObject({
    code: 'lost_rotation',
    text: expect.stringContaining('This was our fault, not yours.'),
  });
  const [mail] = await until(async () => {
    const all = await worker.controls.mails();
    expect(all).toHaveLength(mails + 1);
    return all;
  });
  expect((await worker.controls.mail(mail?.id ?? '')).text).toContain('our fault');
  const renewed = await worker.ada.renew(`/my-sources/${source.id}`, { account });
  expect(renewed.status).toBe('succeeded');
});

test.each(['500', '429', 'html', 'slow', 'refuse_client'])(
  'a token endpoint in trouble (%s) shows only once the token has ended, mails nobody, and recovers by itself',
  async (mode) => {
    const { source } = await worker.addSource('orchard-drive', 'orchard');
    const old = await worker.read(source);
    const mails = (await worker.controls.mails()).length;
    const { refreshes } = await countersOf(worker.controls, 'orchard');
    await setMode(worker.controls, 'orchard', mode, { delayMs: 3_000 });

    await worker.controls.advanceClock(dueSeconds);
    await until(async () =>
      expect((await countersOf(worker.controls, 'orchard')).refreshes).toBeGreaterThan(refreshes),
    );
    expect((await worker.read(source)).accessToken).toBe(old.accessToken);
    expect(await worker.statusOf(source)).toBe('healthy');

    await worker.controls.advanceClock(5 * 60);
    const delayed = await worker.ada.untilStatus(source.id, 'delayed');
    expect(delayed.credential).toMatchObject({
      reason: {
        code: mode === 'refuse_client' ? 'client_misconfigured' : 'provider_unavailable',
        resolver: 'operator',
      },
      episodeId: null,
    });
    await expect(
      worker.broker.getAccessToken(worker.request(source), { deadlineMs: 18_000 }),
    ).rejects.toMatchObject({ kind: 'unavailable', code: 'TOKEN_NOT_AVAILABLE' });

    await setMode(worker.controls, 'orchard', 'normal');
    await until(async () => {
      await worker.controls.advanceClock(60);
      expect(await worker.statusOf(source)).toBe('healthy');
    });
    expect((await worker.read(source)).accessToken).not.toBe(old.accessToken);
    expect(await worker.controls.mails()).toHaveLength(mails);
  },
);

test('a clock that jumps by 400 days kills nothing that its provider would still honour', async () => {
  const { source } = await worker.addSource('orchard-drive', 'orchard');
  const { source: rotating, account } = await worker.addSource('revolve-box', 'revolve');
  // Those of the tests before this one who still have to renew are reminded, 400 days later.
  const deaths = async () =>
    (await worker.controls.mails()).filter(
      ({ subject }) => subject === 'Credentials expired in source',
    );
  const before = (await deaths()).length;
  for (const provider of ['orchard', 'revolve']) await setMode(worker.controls, provider, '500');
  await worker.controls.advanceClock(400 * 86_400);
  await worker.signInAgain();
  // Both are long past every life that we know of; without a word of the provider that is trouble and no death.
  for (const { id } of [source, rotating]) await worker.ada.untilStatus(id, 'delayed');
  expect(await deaths()).toHaveLength(before);

  for (const provider of ['orchard', 'revolve']) await setMode(worker.controls, provider, 'normal');
  await until(async () => {
    await worker.controls.advanceClock(60);
    expect(await worker.statusOf(source)).toBe('healthy');
  });
  // Revolve keeps a refresh token for 60 days: now that it says so, it counts.
  const dead = await until(async () => {
    await worker.controls.advanceClock(60);
    return worker.ada.untilStatus(rotating.id, 'expired');
  });
  expect(dead.credential.reason?.code).toBe('refresh_token_aged');
  expect(await grantsOf(worker.controls, 'revolve', account)).toHaveLength(1);
});
