import { createHash } from 'node:crypto';
import type { Source } from '@credential-renewal/gateway/http-types';
import {
  type GetAccessTokenRequest,
  OauthBrokerServiceService,
} from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { durationFromMs, type RpcClient } from '@credential-renewal/rpc';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { createDemoControls } from './demo-controls.ts';
import { countersOf, grantsOf, setMode } from './demo-grants.ts';
import { type Person, signIn } from './person.ts';
import { type Product, startProduct, productTest as test } from './product.ts';
import { until } from './until.ts';

const hourSeconds = 3_600;
/** From here on an hour's token is due for a refresh (5 to 6 minutes ahead) and still lives. */
const dueSeconds = 56 * 60;
const graceSeconds = 60;

let product: Product;
let controls: ReturnType<typeof createDemoControls>;
let ada: Person;
let broker: RpcClient<typeof OauthBrokerServiceService>;

beforeAll(async () => {
  product = await startProduct({
    DEMO_SOURCES: 'false',
    WORKER_INTERVAL_MS: '100',
    SWEEP_INTERVAL_MS: '100',
    DIGEST_WINDOW_MS: '1',
    REFRESH_HTTP_TIMEOUT_MS: '1000',
    REFRESH_LEASE_MS: '2500',
    DEMO_ROTATION_GRACE_SECONDS: String(graceSeconds),
  });
  controls = createDemoControls(product.demoUrl);
  // The tests are the workers here, or nobody could count.
  await controls.post('/worker', { paused: true });
  ada = await signIn(product, 'ada');
  broker = product.connect(OauthBrokerServiceService, 'broker', {
    deadlineMs: 20_000,
  });
});
beforeEach(async () => {
  // The clock moves by hours here, and sessions end.
  ada = await signIn(product, 'ada');
  // Nothing of an earlier test falls due in this one, so what is counted belongs to it.
  for (const { id } of await ada.mySources()) await ada.call('DELETE', `/api/v1/sources/${id}`);
});
afterAll(async () => {
  broker?.close();
  await product?.dispose();
});

let added = 0;
/** A source of its own for each test, at an account of its own. */
async function addSource(connectorId: string, provider: string) {
  added += 1;
  const account = `person-${added}@${provider}.example`;
  const source = await ada.addSource({ connectorId, name: `${provider} ${added}` }, account);
  return { source, account };
}

function request(source: Source, more: Partial<GetAccessTokenRequest> = {}): GetAccessTokenRequest {
  return {
    accountId: ada.me.account.id,
    target: { $case: 'sourceId', value: source.id },
    minimumRemainingLife: undefined,
    worker: 'system-test',
    ...more,
  };
}

const read = (source: Source) => broker.getAccessToken(request(source));

/**
 * What is read once every replica of the broker has heard that this token is no good any more: the one that the news came to
 * knows at once, the others by the event.
 */
const readAnother = (source: Source, than: { accessToken: string }) =>
  until(async () => {
    const found = await read(source);
    expect(found.accessToken).not.toBe(than.accessToken);
    return found;
  });

const untilRefused = (source: Source) =>
  until(() => expect(read(source)).rejects.toMatchObject({ code: 'CREDENTIAL_EXPIRED' }));

const report = ({ id }: Source, tokenHash: string) =>
  broker.reportRejectedToken({
    accountId: ada.me.account.id,
    target: { $case: 'sourceId', value: id },
    tokenHash,
    worker: 'system-test',
  });

const statusOf = async ({ id }: Source) => (await ada.source(id)).credential.status;

test('a token that lives is handed out without a word to the provider', async () => {
  const { source } = await addSource('orchard-drive', 'orchard');
  const before = await countersOf(controls, 'orchard');
  const first = await read(source);
  const again = await Promise.all(Array.from({ length: 20 }, () => read(source)));
  expect(new Set(again.map(({ accessToken }) => accessToken))).toEqual(
    new Set([first.accessToken]),
  );
  expect(first.tokenHash).toBe(createHash('sha256').update(first.accessToken).digest('base64url'));
  expect(await countersOf(controls, 'orchard')).toEqual(before);
});

test('fifty callers at once after the end of a token cause exactly one token request', async () => {
  const { source } = await addSource('revolve-box', 'revolve');
  const old = await read(source);
  const before = await countersOf(controls, 'revolve');
  await controls.advanceClock(hourSeconds + 1);
  const found = await Promise.all(Array.from({ length: 50 }, () => read(source)));
  expect(new Set(found.map(({ accessToken }) => accessToken)).size).toBe(1);
  expect(found[0]?.accessToken).not.toBe(old.accessToken);
  const after = await countersOf(controls, 'revolve');
  expect(after.refreshes - before.refreshes).toBe(1);
  expect(after.overlappingRefreshes).toBe(0);
  expect(after.spentTokenReuses).toBe(0);
});

test('a caller that wants more life than a token has left gets a fresh one', async () => {
  const { source } = await addSource('orchard-drive', 'orchard');
  const old = await read(source);
  await controls.advanceClock(40 * 60);
  expect((await read(source)).accessToken).toBe(old.accessToken);
  const fresh = await broker.getAccessToken(
    request(source, { minimumRemainingLife: durationFromMs(25 * 60_000) }),
  );
  expect(fresh.accessToken).not.toBe(old.accessToken);
});

test('a token is refreshed ahead of its end, with nobody asking', async () => {
  const { source } = await addSource('orchard-drive', 'orchard');
  const old = await read(source);
  const { refreshes } = await countersOf(controls, 'orchard');
  await controls.advanceClock(dueSeconds);
  await until(async () =>
    expect((await countersOf(controls, 'orchard')).refreshes).toBeGreaterThan(refreshes),
  );
  await until(async () => expect((await read(source)).accessToken).not.toBe(old.accessToken));
});

test('a lost answer of a rotating provider is asked for again within its grace, and nobody notices', async () => {
  const { source } = await addSource('revolve-box', 'revolve');
  const old = await read(source);
  const before = await countersOf(controls, 'revolve');
  const mails = (await controls.mails()).length;
  await setMode(controls, 'revolve', 'cut', { times: 1 });
  await controls.advanceClock(dueSeconds);
  await until(async () => {
    const now = await countersOf(controls, 'revolve');
    expect(now.refreshes - before.refreshes).toBe(1);
  });
  expect(await statusOf(source)).toBe('healthy');
  // Backing off runs on the product's clock; still well within the grace.
  await controls.advanceClock(5);
  await until(async () => expect((await read(source)).accessToken).not.toBe(old.accessToken));
  const after = await countersOf(controls, 'revolve');
  expect(after.spentTokenReuses - before.spentTokenReuses).toBe(1);
  expect(await statusOf(source)).toBe('healthy');
  expect(await controls.mails()).toHaveLength(mails);
});

test('a lost answer that stays lost beyond the grace is our fault, and the mail says so', async () => {
  const { source, account } = await addSource('revolve-box', 'revolve');
  const { refreshes } = await countersOf(controls, 'revolve');
  const mails = (await controls.mails()).length;
  await setMode(controls, 'revolve', 'cut');
  await controls.advanceClock(dueSeconds);
  await until(async () =>
    expect((await countersOf(controls, 'revolve')).refreshes).toBeGreaterThan(refreshes),
  );
  await controls.advanceClock(2 * graceSeconds);
  await setMode(controls, 'revolve', 'normal');
  await until(async () => {
    await controls.advanceClock(10);
    expect(await statusOf(source)).toBe('expired');
  });
  const { credential } = await ada.source(source.id);
  expect(credential.reason).toMatchObject({
    code: 'lost_rotation',
    text: expect.stringContaining('This was our fault, not yours.'),
  });
  const [mail] = await until(async () => {
    const all = await controls.mails();
    expect(all).toHaveLength(mails + 1);
    return all;
  });
  expect((await controls.mail(mail?.id ?? '')).text).toContain('our fault');
  const renewed = await ada.renew(`/my-sources/${source.id}`, { account });
  expect(renewed.status).toBe('succeeded');
});

test.each(['500', '429', 'html', 'slow', 'refuse_client'])(
  'a token endpoint in trouble (%s) shows only once the token has ended, mails nobody, and recovers by itself',
  async (mode) => {
    const { source } = await addSource('orchard-drive', 'orchard');
    const old = await read(source);
    const mails = (await controls.mails()).length;
    const { refreshes } = await countersOf(controls, 'orchard');
    await setMode(controls, 'orchard', mode, { delayMs: 3_000 });

    await controls.advanceClock(dueSeconds);
    await until(async () =>
      expect((await countersOf(controls, 'orchard')).refreshes).toBeGreaterThan(refreshes),
    );
    expect((await read(source)).accessToken).toBe(old.accessToken);
    expect(await statusOf(source)).toBe('healthy');

    await controls.advanceClock(5 * 60);
    const delayed = await ada.untilStatus(source.id, 'delayed');
    expect(delayed.credential).toMatchObject({
      reason: {
        code: mode === 'refuse_client' ? 'client_misconfigured' : 'provider_unavailable',
        resolver: 'operator',
      },
      episodeId: null,
    });
    await expect(
      broker.getAccessToken(request(source), { deadlineMs: 18_000 }),
    ).rejects.toMatchObject({ kind: 'unavailable', code: 'TOKEN_NOT_AVAILABLE' });

    await setMode(controls, 'orchard', 'normal');
    await until(async () => {
      await controls.advanceClock(60);
      expect(await statusOf(source)).toBe('healthy');
    });
    expect((await read(source)).accessToken).not.toBe(old.accessToken);
    expect(await controls.mails()).toHaveLength(mails);
  },
);

test('a report about an older token changes nothing', async () => {
  const { source } = await addSource('orchard-drive', 'orchard');
  const old = await read(source);
  await controls.advanceClock(hourSeconds + 1);
  const current = await read(source);
  const before = await countersOf(controls, 'orchard');
  expect((await report(source, old.tokenHash)).accepted).toBe(false);
  const nobodys = createHash('sha256').update('no token').digest('base64url');
  expect((await report(source, nobodys)).accepted).toBe(false);
  expect((await read(source)).accessToken).toBe(current.accessToken);
  expect(await countersOf(controls, 'orchard')).toEqual(before);
  expect(await statusOf(source)).toBe('healthy');
});

test('a rejected token is replaced; when the fresh one is rejected too the access is refused, and a renewal ends that', async () => {
  const { source, account } = await addSource('orchard-drive', 'orchard');
  const first = await read(source);
  expect((await report(source, first.tokenHash)).accepted).toBe(true);
  const second = await readAnother(source, first);
  expect(await statusOf(source)).toBe('healthy');

  expect((await report(source, second.tokenHash)).accepted).toBe(true);
  const dead = await ada.untilStatus(source.id, 'expired');
  expect(dead.credential.reason?.code).toBe('access_refused');
  await untilRefused(source);
  const renewed = await ada.renew(`/my-sources/${source.id}`, { account });
  expect(renewed.status).toBe('succeeded');
  await readAnother(source, second);
});

test('a withdrawn grant that a worker reports is dead for every worker', async () => {
  const { source, account } = await addSource('orchard-drive', 'orchard');
  const { tokenHash } = await read(source);
  await controls.withdraw('orchard', account);
  await report(source, tokenHash);
  await untilRefused(source);
  const dead = await ada.untilStatus(source.id, 'expired');
  expect(dead.credential.reason?.code).toBe('access_withdrawn');
});

test('tokens whose end the provider never tells are refreshed by the life that the catalogue knows', async () => {
  const { source } = await addSource('helpline-desk', 'helpline');
  const old = await read(source);
  const lifeMs = (old.expiresAt?.getTime() ?? 0) - Date.now();
  expect(old.expiresAt).toBeInstanceOf(Date);
  expect(lifeMs).toBeGreaterThan(0);
  const { refreshes } = await countersOf(controls, 'helpline');
  await controls.advanceClock(26 * 60);
  await until(async () =>
    expect((await countersOf(controls, 'helpline')).refreshes).toBeGreaterThan(refreshes),
  );
  await until(async () => expect((await read(source)).accessToken).not.toBe(old.accessToken));
  expect(await statusOf(source)).toBe('healthy');
});

test.each([
  ['withdrawn', 'access_withdrawn', 'user'],
  ['account_inactive', 'admin_blocked', 'tenant_admin'],
])(
  'a refusal inside a 200 is noticed (%s), and who has to act is told apart',
  async (reason, code, resolver) => {
    const alma = await signIn(product, 'alma');
    const workspace = `Tenant ${reason}`;
    const connection = await alma.addConnection(workspace, workspace);
    const backed = await ada.addSource({
      connectorId: 'chatter-enterprise',
      name: `Chat ${reason}`,
      authorizedConnectionId: connection.id,
    });
    const token = await read(backed);
    expect(token.expiresAt).toBeUndefined();
    await controls.post('/grants/withdraw', { provider: 'chatter', account: workspace, reason });
    await controls.post('/worker', { paused: false });
    const dead = await ada.untilStatus(backed.id, 'expired');
    await controls.post('/worker', { paused: true });
    expect(dead.credential.reason).toMatchObject({ code, resolver });
  },
);

test('a worker of another account finds neither source nor credential', async () => {
  const { source } = await addSource('orchard-drive', 'orchard');
  const { credentialId } = await read(source);
  const olga = await signIn(product, 'olga');
  const foreign = { accountId: olga.me.account.id };
  const byCredential = { $case: 'credentialId', value: credentialId } as const;
  for (const target of [request(source).target, byCredential]) {
    await expect(
      broker.getAccessToken(request(source, { ...foreign, target })),
    ).rejects.toMatchObject({ kind: 'not_found' });
    await expect(
      broker.reportRejectedToken({ ...foreign, target, tokenHash: 'a'.repeat(43), worker: 'w' }),
    ).rejects.toMatchObject({ kind: 'not_found' });
  }
  expect(
    (await broker.getAccessToken(request(source, { target: byCredential }))).credentialId,
  ).toBe(credentialId);
});

test('a pending source has no token, and says that it is pending', async () => {
  const pending = await ada.addSource({ connectorId: 'orchard-drive', name: 'Pending' });
  await expect(read(pending)).rejects.toMatchObject({
    kind: 'failed_precondition',
    code: 'SOURCE_PENDING',
  });
});

test('every wrong field of a request is named', async () => {
  const nothing: GetAccessTokenRequest = {
    accountId: '',
    target: { $case: 'sourceId', value: '../etc' },
    minimumRemainingLife: durationFromMs(48 * 60 * 60_000),
    worker: 'w'.repeat(101),
  };
  const fieldsOf = async (call: Promise<unknown>) => {
    const error = (await call.catch((refused: unknown) => refused)) as {
      kind: string;
      violations: { field: string }[];
    };
    expect(error.kind).toBe('invalid_argument');
    return error.violations.map(({ field }) => field);
  };
  expect(await fieldsOf(broker.getAccessToken(nothing))).toEqual([
    'account_id',
    'source_id',
    'minimum_remaining_life',
    'worker',
  ]);
  expect(await fieldsOf(broker.getAccessToken({ ...nothing, target: undefined }))).toContain(
    'target',
  );
  expect(
    await fieldsOf(
      broker.reportRejectedToken({
        accountId: 'no account',
        target: { $case: 'credentialId', value: '' },
        tokenHash: 'short',
        worker: '',
      }),
    ),
  ).toEqual(['account_id', 'credential_id', 'token_hash', 'worker']);
});

test('a clock that jumps by 400 days kills nothing that its provider would still honour', async () => {
  const { source } = await addSource('orchard-drive', 'orchard');
  const { source: rotating, account } = await addSource('revolve-box', 'revolve');
  // Those of the tests before this one who still have to renew are reminded, 400 days later.
  const deaths = async () =>
    (await controls.mails()).filter(({ subject }) => subject === 'Credentials expired in source');
  const before = (await deaths()).length;
  for (const provider of ['orchard', 'revolve']) await setMode(controls, provider, '500');
  await controls.advanceClock(400 * 86_400);
  ada = await signIn(product, 'ada');
  // Both are long past every life that we know of; without a word of the provider that is trouble and no death.
  for (const { id } of [source, rotating]) await ada.untilStatus(id, 'delayed');
  expect(await deaths()).toHaveLength(before);

  for (const provider of ['orchard', 'revolve']) await setMode(controls, provider, 'normal');
  await until(async () => {
    await controls.advanceClock(60);
    expect(await statusOf(source)).toBe('healthy');
  });
  // Revolve keeps a refresh token for 60 days: now that it says so, it counts.
  const dead = await until(async () => {
    await controls.advanceClock(60);
    return ada.untilStatus(rotating.id, 'expired');
  });
  expect(dead.credential.reason?.code).toBe('refresh_token_aged');
  expect(await grantsOf(controls, 'revolve', account)).toHaveLength(1);
});
