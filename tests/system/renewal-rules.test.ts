import type { AuditEntry, PageOf, Source } from '@credential-renewal/gateway/http-types';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { afterAll, beforeAll, expect } from 'vitest';
import { createDemoControls } from './demo-controls.ts';
import { countersOf, grantsOf } from './demo-grants.ts';
import { type Person, signIn } from './person.ts';
import { type Product, startProduct, productTest as test } from './product.ts';
import { until } from './until.ts';

let product: Product;
let controls: ReturnType<typeof createDemoControls>;
let ada: Person;
let max: Person;

beforeAll(async () => {
  product = await startProduct({
    DEMO_SOURCES: 'false',
    WORKER_INTERVAL_MS: '200',
    SWEEP_INTERVAL_MS: '200',
    DIGEST_WINDOW_MS: '1',
  });
  controls = createDemoControls(product.demoUrl);
  [ada, max] = await Promise.all([signIn(product, 'ada'), signIn(product, 'max')]);
});
afterAll(() => product?.dispose());

const addOrchard = (name: string, account: string, person = ada) =>
  person.addSource({ connectorId: 'orchard-drive', name }, account);

async function kill(source: Source, account: string): Promise<Source> {
  await controls.withdraw('orchard', account);
  return ada.untilStatus(source.id, 'expired');
}

async function accessToken(sourceId: string): Promise<{ accessToken: string; tokenHash: string }> {
  const broker = product.connect(OauthBrokerServiceService, 'broker', {
    deadlineMs: 20_000,
  });
  try {
    return await broker.getAccessToken({
      accountId: ada.me.account.id,
      target: { $case: 'sourceId', value: sourceId },
      minimumRemainingLife: undefined,
      worker: 'test',
    });
  } finally {
    broker.close();
  }
}

async function historyOf({ id }: Source): Promise<AuditEntry[]> {
  const page = await ada.call<PageOf<AuditEntry>>('GET', `/api/v1/sources/${id}/history`);
  return page.items;
}

test('another account is refused naming both masked, and the stored tokens stay: the living grant still refreshes', async () => {
  const source = await addOrchard('Alive', 'alive@orchard.example');
  const refused = await ada.renew(`/my-sources/${source.id}`, { account: 'other@orchard.example' });
  expect(refused).toMatchObject({ status: 'wrong_account', error: null });
  expect(refused.expectedAccount).toMatch(/^a.*@orchard\.example$/);
  expect(refused.actualAccount).toMatch(/^o.*@orchard\.example$/);
  expect(JSON.stringify(refused)).not.toMatch(/alive@|other@/);
  expect((await ada.source(source.id)).credential.status).toBe('healthy');

  const before = await accessToken(source.id);
  const { refreshes } = await countersOf(controls, 'orchard');
  await controls.advanceClock(3_600);
  const after = await accessToken(source.id);
  expect(after.accessToken).not.toBe(before.accessToken);
  expect((await countersOf(controls, 'orchard')).refreshes).toBeGreaterThan(refreshes);
  // Dropped, not revoked: it may be the person's only grant for something else.
  expect(await grantsOf(controls, 'orchard', 'other@orchard.example')).toMatchObject([
    { alive: true },
  ]);
});

test('another account for a dead credential keeps it dead in the same episode, until switching is chosen, which the history tells', async () => {
  const source = await addOrchard('Moved', 'old-home@orchard.example');
  const mails = (await controls.mails()).length;
  const dead = await kill(source, 'old-home@orchard.example');
  await until(async () => expect(await controls.mails()).toHaveLength(mails + 1));
  const entry = `/my-sources/${source.id}`;
  const answers = { account: 'new-home@orchard.example' };
  expect(await ada.renew(entry, answers)).toMatchObject({ status: 'wrong_account' });
  expect((await ada.source(source.id)).credential).toMatchObject({
    status: 'expired',
    episodeId: dead.credential.episodeId,
  });

  const switched = await ada.renew(entry, answers, { switchAccount: true });
  expect(switched.status).toBe('succeeded');
  expect(switched.providerAccount).toMatch(/^n.*@orchard\.example$/);
  expect((await ada.source(source.id)).credential.status).toBe('healthy');
  await until(async () => {
    const actions = (await historyOf(source)).map(({ action }) => action);
    expect(actions).toContain('credential.account-switched');
  });
});

test('a dead credential renewed with too few scopes works as far as it goes, lists what is missing, and stays in its episode', async () => {
  const source = await addOrchard('Narrow', 'narrow@orchard.example');
  const mails = (await controls.mails()).length;
  const dead = await kill(source, 'narrow@orchard.example');
  await until(async () => expect(await controls.mails()).toHaveLength(mails + 1));

  const partly = await ada.renew(`/my-sources/${source.id}`, {
    account: 'narrow@orchard.example',
    untick: ['files.read'],
  });
  expect(partly).toMatchObject({ status: 'insufficient_scope', missingScopes: ['files.read'] });
  const waiting = await ada.source(source.id);
  expect(waiting.credential).toMatchObject({
    status: 'insufficient_scope',
    episodeId: dead.credential.episodeId,
    missingScopes: ['files.read'],
    reason: { code: 'missing_scopes' },
  });
  expect(waiting.canRenew).toBe(true);

  const whole = await ada.renew(`/my-sources/${source.id}`, { account: 'narrow@orchard.example' });
  expect(whole.status).toBe('succeeded');
  expect((await ada.source(source.id)).credential).toMatchObject({
    status: 'healthy',
    episodeId: null,
    missingScopes: [],
  });
  expect(await controls.mails()).toHaveLength(mails + 1);
});

test('a living grant is not traded for one with fewer scopes', async () => {
  const source = await addOrchard('Whole', 'whole@orchard.example');
  const partly = await ada.renew(`/my-sources/${source.id}`, {
    account: 'whole@orchard.example',
    untick: ['files.list'],
  });
  expect(partly).toMatchObject({ status: 'insufficient_scope', missingScopes: ['files.list'] });
  expect((await ada.source(source.id)).credential).toMatchObject({
    status: 'healthy',
    missingScopes: [],
  });
});

test('a denied consent changes nothing and says what to do next', async () => {
  const source = await addOrchard('Denied', 'denied@orchard.example');
  const mails = (await controls.mails()).length;
  const dead = await kill(source, 'denied@orchard.example');
  await until(async () => expect(await controls.mails()).toHaveLength(mails + 1));
  const { exchanges } = await countersOf(controls, 'orchard');
  const outcome = await ada.renew(`/my-sources/${source.id}`, {
    account: 'denied@orchard.example',
    deny: true,
  });
  expect(outcome).toMatchObject({ status: 'cancelled', error: { code: 'CONSENT_DENIED' } });
  expect((await ada.source(source.id)).credential.episodeId).toBe(dead.credential.episodeId);
  expect((await countersOf(controls, 'orchard')).exchanges).toBe(exchanges);
});

test('turning back before leaving ends the authorization, and a new one can be started', async () => {
  const source = await addOrchard('Turned back', 'turned@orchard.example');
  const begun = await ada.call<{ id: string }>(
    'POST',
    `/api/v1/my-sources/${source.id}/renewals`,
    {},
  );
  const cancel = `/api/v1/authorizations/${begun.id}/cancel`;
  expect(await ada.call('POST', cancel)).toMatchObject({
    status: 'cancelled',
    error: { code: 'CANCELLED' },
  });
  expect(await ada.call('POST', cancel)).toMatchObject({ status: 'cancelled' });
  const again = await ada.renew(`/my-sources/${source.id}`, { account: 'turned@orchard.example' });
  expect(again.status).toBe('succeeded');
});

test('a pending source is resumed through a renewal and then works', async () => {
  const pending = await ada.addSource({ connectorId: 'orchard-drive', name: 'Left halfway' });
  expect(pending).toMatchObject({ canRenew: true, credential: { status: 'pending' } });
  const outcome = await ada.renew(`/my-sources/${pending.id}`, { account: 'half@orchard.example' });
  expect(outcome).toMatchObject({ status: 'succeeded', renewal: false });
  expect((await ada.source(pending.id)).credential.status).toBe('healthy');
});

test('two sources of one provider account share a credential: it dies for both, each creator gets one mail, one renewal heals both', async () => {
  const account = 'twice@orchard.example';
  const first = await addOrchard('First of two', account);
  const second = await addOrchard('Second of two', account, max);
  const mails = (await controls.mails()).length;
  await kill(first, account);
  const otherDead = await max.untilStatus(second.id, 'expired');
  expect(otherDead.credential.episodeId).toBe((await ada.source(first.id)).credential.episodeId);
  await until(async () => {
    const all = await controls.mails();
    const recent = all.slice(0, all.length - mails);
    expect(recent.map(({ to }) => to).sort()).toEqual([
      expect.stringContaining('ada@acme.example'),
      expect.stringContaining('max@acme.example'),
    ]);
  });

  const outcome = await max.renew(`/my-sources/${second.id}`, { account });
  expect(outcome.status).toBe('succeeded');
  expect(outcome.heals.map(({ id }) => id).sort()).toEqual([first.id, second.id].sort());
  expect((await ada.source(first.id)).credential.status).toBe('healthy');
  expect((await max.source(second.id)).credential.status).toBe('healthy');
});

test('the grant lives at the provider until its last source is deleted, and is then revoked once', async () => {
  const account = 'shared@orchard.example';
  const first = await addOrchard('Goes first', account);
  const second = await addOrchard('Goes last', account);
  const living = async () =>
    (await grantsOf(controls, 'orchard', account)).filter(({ alive }) => alive).length;
  const { revocations } = await countersOf(controls, 'orchard');

  await ada.call('DELETE', `/api/v1/sources/${first.id}`);
  expect((await ada.api('GET', `/api/v1/sources/${first.id}`)).status).toBe(404);
  // The second source still syncs after the first one's deletion has been worked off.
  await until(async () => {
    const { lastSyncedAt } = await ada.source(second.id);
    expect(Date.parse(lastSyncedAt ?? '')).toBeGreaterThan(Date.parse(second.createdAt));
  });
  expect(await living()).toBeGreaterThan(0);
  expect((await countersOf(controls, 'orchard')).revocations).toBe(revocations);

  await ada.call('DELETE', `/api/v1/sources/${second.id}`);
  // For a minute after a join the vault does not believe that nothing uses the credential: another might be joining.
  await controls.advanceClock(61);
  await until(async () =>
    expect((await countersOf(controls, 'orchard')).revocations).toBe(revocations + 1),
  );
  await until(async () => {
    const [newest] = await grantsOf(controls, 'orchard', account);
    expect(newest).toMatchObject({ alive: false, endedBy: 'revoked' });
  });
});

test('an authorized connection that backs a source cannot be deleted; without it, it can', async () => {
  const alma = await signIn(product, 'alma');
  const connection = await alma.addConnection('Chat', 'Acme');
  const path = `/api/v1/authorized-connections/${connection.id}`;
  const source = await ada.addSource({
    connectorId: 'chatter-enterprise',
    name: 'Backed',
    authorizedConnectionId: connection.id,
  });
  expect(await alma.api('DELETE', path)).toMatchObject({
    status: 409,
    body: { code: 'CONNECTION_IN_USE' },
  });
  await ada.call('DELETE', `/api/v1/sources/${source.id}`);
  await until(async () => expect((await alma.api('DELETE', path)).status).toBe(204));
  await until(async () => expect((await countersOf(controls, 'chatter')).revocations).toBe(1));
});
