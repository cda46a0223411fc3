import { createBearerToken } from '@credential-renewal/demo-provider';
import type {
  AuthorizedConnection,
  CredentialStatus,
  PageOf,
  Source,
} from '@credential-renewal/gateway/http-types';
import { afterAll, beforeAll, expect } from 'vitest';
import { createDemoControls } from './demo-controls.ts';
import { type EventListener, listenToEvents } from './event-listener.ts';
import { type Person, signIn } from './person.ts';
import { type Product, startProduct, productTest as test } from './product.ts';
import { until } from './until.ts';

const subject = 'Credentials expired in source';

let product: Product;
let controls: ReturnType<typeof createDemoControls>;
let ada: Person;
let max: Person;
let alma: Person;

beforeAll(async () => {
  product = await startProduct({
    WORKER_INTERVAL_MS: '200',
    SWEEP_INTERVAL_MS: '200',
    // Every mail at once: digests have tests of their own.
    DIGEST_WINDOW_MS: '1',
  });
  controls = createDemoControls(product.demoUrl);
  [ada, max, alma] = await Promise.all([
    signIn(product, 'ada'),
    signIn(product, 'max'),
    signIn(product, 'alma'),
  ]);
});
afterAll(() => product?.dispose());

async function allSources(): Promise<Source[]> {
  return (await Promise.all([ada, max, alma].map((person) => person.mySources()))).flat();
}

async function sourceNamed(person: Person, name: string): Promise<Source> {
  const found = (await person.mySources()).find((source) => source.name === name);
  if (!found) throw new Error(`no source ${name}`);
  return found;
}

async function connection(): Promise<AuthorizedConnection> {
  const path = '/api/v1/authorized-connections';
  const { items } = await alma.call<PageOf<AuthorizedConnection>>('GET', path);
  const [found] = items;
  if (!found) throw new Error('no authorized connection');
  return found;
}

/** Mails since `before`, oldest first. */
async function mailsAfter(before: number) {
  return (await controls.mails()).reverse().slice(before);
}

async function expectSyncs(person: Person, { id, lastSyncedAt }: Source): Promise<void> {
  await until(async () => {
    const { lastSyncedAt: now } = await person.source(id);
    expect(Date.parse(now ?? '')).toBeGreaterThan(Date.parse(lastSyncedAt ?? '1970-01-01'));
  });
}

const seen = (listener: EventListener, sourceId: string): CredentialStatus[] =>
  listener.heard.flatMap(({ data }) => (data.sourceId === sourceId ? [data.status] : []));

test('a newcomer finds six healthy sources, made through the real flows, and all of them sync', async () => {
  const sources = await until(async () => {
    const found = await allSources();
    expect(found.map(({ credential }) => credential.status)).toEqual(Array(6).fill('healthy'));
    expect(found.every(({ lastSyncedAt }) => lastSyncedAt !== null)).toBe(true);
    return found;
  }, 30_000);
  expect(sources.map(({ name }) => name).sort()).toEqual([
    'Board chat',
    'Company chat',
    'Contracts',
    'Design files',
    'Quarterly reports',
    'Support tickets',
  ]);
  expect(await controls.mails()).toEqual([]);
});

test('a withdrawn grant is red and mailed within ten seconds, and a renewal from My sources makes it work again', async () => {
  const source = await sourceNamed(ada, 'Quarterly reports');
  const events = await listenToEvents(
    product,
    await createBearerToken(`${product.demoUrl}/identity`, 'ada'),
  );
  const withdrawnAtMs = performance.now();
  await controls.withdraw('orchard', 'ada@acme.example');

  const dead = await ada.untilStatus(source.id, 'expired');
  const [mail] = await until(async () => {
    const mails = await controls.mails();
    expect(mails).toHaveLength(1);
    return mails;
  });
  expect(performance.now() - withdrawnAtMs).toBeLessThan(10_000);
  expect(dead).toMatchObject({
    canRenew: true,
    renewableBy: [],
    credential: { reason: { code: 'access_withdrawn', resolver: 'user', evidence: null } },
  });
  expect(mail).toMatchObject({ to: expect.stringContaining('ada@acme.example'), subject });
  const { text, html } = await controls.mail(mail?.id ?? '');
  const link = `${product.gatewayUrl}/my-sources?source=${source.id}`;
  expect(text.split('\n')).toContainEqual(expect.stringContaining(link));
  expect(html).toContain(`href="${link}"`);
  expect(text).toContain('Quarterly reports');
  expect(text).toContain(dead.credential.reason?.text);

  const outcome = await ada.renew(`/my-sources/${source.id}`, { account: 'ada@acme.example' });
  expect(outcome).toMatchObject({
    status: 'succeeded',
    renewal: true,
    returnTo: '/my-sources',
    heals: [{ id: source.id, name: 'Quarterly reports' }],
  });
  // Red for nobody who comes back from a success: no waiting here.
  const healed = await ada.source(source.id);
  expect(healed.credential).toMatchObject({ status: 'healthy', reason: null, episodeId: null });
  await expectSyncs(ada, healed);
  await until(() => expect(seen(events, source.id)).toEqual(['expired', 'healthy']));
  events.stop();
  expect(await controls.mails()).toHaveLength(1);
});

test('a live stream is resumed where it was left, and told to read again when that is unknown', async () => {
  const token = await createBearerToken(`${product.demoUrl}/identity`, 'ada');
  const source = await sourceNamed(ada, 'Support tickets');
  const gateway = { gatewayUrl: product.gatewayUrls[0] };
  const first = await listenToEvents(gateway, token);
  const left = first.lastId();
  first.stop();
  const mailsBefore = (await controls.mails()).length;
  await controls.withdraw('helpline', 'ada@acme.example');
  await ada.untilStatus(source.id, 'expired');
  await ada.renew(`/my-sources/${source.id}`, { account: 'ada@acme.example' });

  const resumed = await listenToEvents(gateway, token, left);
  await until(() => expect(seen(resumed, source.id)).toEqual(['expired', 'healthy']));
  expect(resumed.heard.map(({ event }) => event)).not.toContain('reset');
  const [dead] = resumed.heard.filter(({ data }) => data.sourceId === source.id);
  const versions = resumed.heard.map(({ data }) => data.version);
  expect(versions).toEqual([...versions].sort((a, b) => a - b));
  resumed.stop();

  const later = await listenToEvents(gateway, token, dead?.id);
  await until(() => expect(seen(later, source.id)).toEqual(['healthy']));
  later.stop();

  const lost = await listenToEvents(gateway, token, 'another-process-7');
  await until(() => expect(lost.heard).toMatchObject([{ event: 'reset', data: {} }]));
  lost.stop();
  await until(async () => expect(await mailsAfter(mailsBefore)).toHaveLength(1));
});

test('a source in a workspace is renewed from there by its creator alone, and the link of the mail still leads home', async () => {
  const source = await sourceNamed(max, 'Contracts');
  const before = (await controls.mails()).length;
  await controls.withdraw('orchard', 'max@acme.example');
  await max.untilStatus(source.id, 'expired');

  const workspace = source.workspace?.id;
  const asAda = await ada.source(source.id);
  expect(asAda).toMatchObject({ canRenew: false, renewableBy: [{ name: 'Max Weber' }] });
  const outcome = await max.renew(`/workspaces/${workspace}/sources/${source.id}`, {
    account: 'max@acme.example',
  });
  expect(outcome).toMatchObject({ status: 'succeeded', returnTo: `/workspaces/${workspace}` });
  const healed = await max.source(source.id);
  expect(healed.credential.status).toBe('healthy');
  await expectSyncs(max, healed);
  await until(async () =>
    expect(await mailsAfter(before)).toMatchObject([
      { to: expect.stringContaining('max@acme.example'), subject },
    ]),
  );
});

test('a dead authorized connection is mailed to its owner alone, never offers its creators a button, and one renewal heals all it backs', async () => {
  const before = (await controls.mails()).length;
  const company = await sourceNamed(ada, 'Company chat');
  const board = await sourceNamed(alma, 'Board chat');
  await controls.withdraw('chatter', 'Acme');
  await ada.untilStatus(company.id, 'expired');
  await alma.untilStatus(board.id, 'expired');

  // The chooser knows the customer's workspace by name: the identity is the tenant's.
  const admin = await connection();
  expect(admin).toMatchObject({ canRenew: true, sourceCount: 2 });
  for (const [person, source] of [
    [ada, company],
    [alma, board],
  ] as const) {
    expect(await person.source(source.id)).toMatchObject({
      canRenew: false,
      renewableBy: [{ id: alma.me.user.id, name: 'Alma Ruiz' }],
    });
    const refused = await person.api('POST', `/api/v1/my-sources/${source.id}/renewals`, {});
    expect(refused).toMatchObject({ status: 403, body: { code: 'RENEWAL_FORBIDDEN' } });
  }

  const [mail] = await until(async () => {
    const mails = await mailsAfter(before);
    expect(mails).toHaveLength(1);
    return mails;
  });
  expect(mail).toMatchObject({ to: expect.stringContaining('alma@acme.example'), subject });
  const { text } = await controls.mail(mail?.id ?? '');
  expect(text).toContain(`${product.gatewayUrl}/authorized-connections?connection=${admin.id}`);
  expect(text).toContain('Company chat');

  const outcome = await alma.renew(`/authorized-connections/${admin.id}`, { account: 'Acme' });
  expect(outcome).toMatchObject({ status: 'succeeded', returnTo: '/authorized-connections' });
  expect(outcome.heals.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Board chat', 'Company chat']),
  );
  expect((await connection()).credential.status).toBe('healthy');
  for (const [person, { id }] of [
    [ada, company],
    [alma, board],
  ] as const) {
    const healed = await person.source(id);
    expect(healed.credential.status).toBe('healthy');
    await expectSyncs(person, healed);
  }
  expect(await mailsAfter(before)).toHaveLength(1);
});
