import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { countersOf } from './demo-grants.ts';
import { signIn } from './person.ts';
import { productTest as test } from './product.ts';
import { hourSeconds, startTokenWorker, type TokenWorker } from './token-worker.ts';

let worker: TokenWorker;

beforeAll(async () => {
  worker = await startTokenWorker();
});
beforeEach(() => worker.beginAnew());
afterAll(() => worker?.dispose());

test('a report about an older token changes nothing', async () => {
  const { source } = await worker.addSource('orchard-drive', 'orchard');
  const old = await worker.read(source);
  await worker.controls.advanceClock(hourSeconds + 1);
  const current = await worker.read(source);
  const before = await countersOf(worker.controls, 'orchard');
  expect((await worker.report(source, old.tokenHash)).accepted).toBe(false);
  const nobodys = createHash('sha256').update('no token').digest('base64url');
  expect((await worker.report(source, nobodys)).accepted).toBe(false);
  expect((await worker.read(source)).accessToken).toBe(current.accessToken);
  expect(await countersOf(worker.controls, 'orchard')).toEqual(before);
  expect(await worker.statusOf(source)).toBe('healthy');
});

test('a rejected token is replaced; when the fresh one is rejected too the access is refused, and a renewal ends that', async () => {
  const { source, account } = await worker.addSource('orchard-drive', 'orchard');
  const first = await worker.read(source);
  expect((await worker.report(source, first.tokenHash)).accepted).toBe(true);
  const second = await worker.readAnother(source, first);
  expect(await worker.statusOf(source)).toBe('healthy');

  expect((await worker.report(source, second.tokenHash)).accepted).toBe(true);
  const dead = await worker.ada.untilStatus(source.id, 'expired');
  expect(dead.credential.reason?.code).toBe('access_refused');
  await worker.untilRefused(source);
  const renewed = await worker.ada.renew(`/my-sources/${source.id}`, { account });
  expect(renewed.status).toBe('succeeded');
  await worker.readAnother(source, second);
});

test('a withdrawn grant that a worker reports is dead for every worker', async () => {
  const { source, account } = await worker.addSource('orchard-drive', 'orchard');
  const { tokenHash } = await worker.read(source);
  await worker.controls.withdraw('orchard', account);
  await worker.report(source, tokenHash);
  await worker.untilRefused(source);
  const dead = await worker.ada.untilStatus(source.id, 'expired');
  expect(dead.credential.reason?.code).toBe('access_withdrawn');
});

test.each([
  ['withdrawn', 'access_withdrawn', 'user'],
  ['account_inactive', 'admin_blocked', 'tenant_admin'],
])(
  'a refusal inside a 200 is noticed (%s), and who has to act is told apart',
  async (reason, code, resolver) => {
    const alma = await signIn(worker.product, 'alma');
    const workspace = `Tenant ${reason}`;
    const connection = await alma.addConnection(workspace, workspace);
    const backed = await worker.ada.addSource({
      connectorId: 'chatter-enterprise',
      name: `Chat ${reason}`,
      authorizedConnectionId: connection.id,
    });
    const token = await worker.read(backed);
    expect(token.expiresAt).toBeUndefined();
    await worker.controls.post('/grants/withdraw', {
      provider: 'chatter',
      account: workspace,
      reason,
    });
    await worker.controls.post('/worker', { paused: false });
    const dead = await worker.ada.untilStatus(backed.id, 'expired');
    await worker.controls.post('/worker', { paused: true });
    expect(dead.credential.reason).toMatchObject({ code, resolver });
  },
);
