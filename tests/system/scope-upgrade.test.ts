import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type {
  AuditEntry,
  AuthorizedConnection,
  PageOf,
  Source,
  Workspace,
} from '@credential-renewal/gateway/http-types';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CatalogueOverlay, makeCatalogueOverlay, oneScopeMore } from './catalogue-overlay.ts';
import { createDemoControls } from './demo-controls.ts';
import { countersOf } from './demo-grants.ts';
import { type Person, signIn } from './person.ts';
import { type StandaloneProcess, startStandaloneProcess } from './standalone-process.ts';
import { until } from './until.ts';

/** Ada's account at Orchard Drive. */
const account = 'ada@acme.example';

let product: StandaloneProcess;
let overlay: CatalogueOverlay;
let controls: ReturnType<typeof createDemoControls>;
let ada: Person;
let max: Person;
let alma: Person;
let workspace: Workspace;
/** Ada's in the workspace; Ada's, backed by Alma's connection. */
let reports: Source;
let chat: Source;
let connection: AuthorizedConnection;
/** What was in the event log before anything was asked for. */
let eventsBefore: Record<string, number>;
let shiftedSeconds = 0;

beforeAll(async () => {
  overlay = makeCatalogueOverlay();
  product = await startStandaloneProcess({
    CATALOGUE_DIRECTORY: overlay.path,
    ...{ DEMO_SOURCES: 'false', WORKER_INTERVAL_MS: '200', SWEEP_INTERVAL_MS: '200' },
  });
  controls = createDemoControls(product.demoUrl);
  [ada, max, alma] = await Promise.all([
    signIn(product, 'ada'),
    signIn(product, 'max'),
    signIn(product, 'alma'),
  ]);
  workspace = await alma.call<Workspace>('POST', '/api/v1/workspaces', { name: 'Marketing' });
  for (const { me } of [ada, max]) {
    const path = `/api/v1/workspaces/${workspace.id}/members/${me.user.id}`;
    await alma.call('PUT', path, { membership: 'member' });
  }
  reports = await ada.addSource(
    { connectorId: 'orchard-drive', name: 'Reports', workspaceId: workspace.id },
    account,
  );
  connection = await alma.addConnection('Chat', 'Acme');
  chat = await ada.addSource({
    ...{ connectorId: 'chatter-enterprise', name: 'Backed' },
    authorizedConnectionId: connection.id,
  });
});
afterAll(async () => {
  await product?.dispose();
  overlay?.dispose();
});

async function accessToken(sourceId: string): Promise<string> {
  const broker = product.connect(OauthBrokerServiceService, 'broker', { deadlineMs: 20_000 });
  try {
    const { accessToken } = await broker.getAccessToken({
      ...{ accountId: ada.me.account.id, worker: 'test' },
      target: { $case: 'sourceId', value: sourceId },
      minimumRemainingLife: undefined,
    });
    return accessToken;
  } finally {
    broker.close();
  }
}

/** How many events there are of each topic. The log belongs to the product while it runs. */
function countEvents(): Record<string, number> {
  const log = new DatabaseSync(join(product.dataDirectory, 'events', 'events.db'), {
    readOnly: true,
  });
  try {
    const rows = log.prepare('SELECT topic, count(*) AS count FROM events GROUP BY topic').all();
    return Object.fromEntries(rows.map(({ topic, count }) => [String(topic), Number(count)]));
  } finally {
    log.close();
  }
}

async function expectSync(source: Source): Promise<void> {
  const before = (await ada.source(source.id)).lastSyncedAt;
  await until(async () => {
    const { lastSyncedAt } = await ada.source(source.id);
    expect(Date.parse(lastSyncedAt ?? '')).toBeGreaterThan(Date.parse(before ?? '1970-01-01'));
  });
}

const asked = (...missingScopes: string[]) => ({
  ...{ status: 'healthy', episodeId: null, reason: null, missingScopes: [] },
  scopeUpgrade: { missingScopes },
});
const unasked = { status: 'healthy', scopeUpgrade: null };

/** The same data, and the overlay as it is by now. Answers with how many events there were of each topic. */
async function restart(): Promise<Record<string, number>> {
  expect(await product.end()).toBe(0);
  const counted = countEvents();
  await product.restart();
  // A shift of the clock ends with its process.
  if (shiftedSeconds > 0) await controls.advanceClock(shiftedSeconds);
  return counted;
}

test('nothing is asked while the catalogue is the one that was granted under', async () => {
  expect((await ada.source(reports.id)).credential).toMatchObject(unasked);
  expect((await ada.source(chat.id)).credential).toMatchObject(unasked);
  await expectSync(reports);
});

test('a release that adds a scope asks for it with its start, everywhere the source is shown, and expires nobody', async () => {
  const token = await accessToken(reports.id);
  const { refreshes } = await countersOf(controls, 'orchard');
  overlay.write(oneScopeMore);
  eventsBefore = await restart();
  expect(eventsBefore['credential.state']).toBe(2);

  const missing = asked('files.comment');
  expect((await ada.source(reports.id)).credential).toMatchObject(missing);
  const mine = await ada.mySources();
  expect(mine.find(({ id }) => id === reports.id)?.credential).toMatchObject(missing);
  const inside = await max.call<PageOf<Source>>(
    'GET',
    `/api/v1/workspaces/${workspace.id}/sources`,
  );
  expect(inside.items.map(({ credential }) => credential)).toMatchObject([missing]);

  // The stored token is handed out as before, and syncing goes on.
  expect(await accessToken(reports.id)).toBe(token);
  expect((await countersOf(controls, 'orchard')).refreshes).toBe(refreshes);
  await expectSync(reports);
  await expectSync(chat);
});

test('time and refreshes change nothing about that: no event, no episode, no mail', async () => {
  const token = await accessToken(reports.id);
  shiftedSeconds = 3_600;
  await controls.advanceClock(shiftedSeconds);
  await until(async () => expect(await accessToken(reports.id)).not.toBe(token));
  await expectSync(reports);
  expect((await ada.source(reports.id)).credential).toMatchObject(asked('files.comment'));
  expect(await controls.mails()).toEqual([]);
  expect(await restart()).toEqual(eventsBefore);
});

test('who may not renew sees who can, and is refused', async () => {
  const seen = await max.source(reports.id);
  expect(seen).toMatchObject({
    canRenew: false,
    renewableBy: [{ id: ada.me.user.id }],
    credential: asked('files.comment'),
  });
  const entry = `/api/v1/workspaces/${workspace.id}/sources/${reports.id}/renewals`;
  expect((await max.api('POST', entry, {})).status).toBe(403);
});

test('cancelled or granted in part: the former grant lives on, the ask stays, and both are told', async () => {
  const token = await accessToken(reports.id);
  const entry = `/workspaces/${workspace.id}/sources/${reports.id}`;
  const denied = await ada.renew(entry, { account, deny: true });
  expect(denied).toMatchObject({ status: 'cancelled', upgradeScopes: ['files.comment'] });
  const partly = await ada.renew(entry, { account, untick: ['files.comment'] });
  expect(partly).toMatchObject({
    status: 'insufficient_scope',
    missingScopes: ['files.comment'],
    formerAccessStays: true,
    upgradeScopes: ['files.comment'],
  });
  const source = await ada.source(reports.id);
  expect(source.credential).toMatchObject(asked('files.comment'));
  expect(source.canRenew).toBe(true);
  expect(await accessToken(reports.id)).toBe(token);
  await expectSync(reports);
});

test('granting it ends the ask, and the history tells of a renewal and of no expiry', async () => {
  const whole = await ada.renew(`/my-sources/${reports.id}`, { account });
  expect(whole).toMatchObject({ status: 'succeeded', upgradeScopes: ['files.comment'] });
  expect((await ada.source(reports.id)).credential).toMatchObject(unasked);
  await expectSync(reports);
  const path = `/api/v1/sources/${reports.id}/history`;
  await until(async () => {
    const { items } = await ada.call<PageOf<AuditEntry>>('GET', path);
    expect(items.map(({ action }) => action)).toEqual([
      'credential.renewed',
      'credential.authorized',
      'source.created',
    ]);
  });
  expect(await controls.mails()).toEqual([]);
  const { 'credential.expired': expired, 'credential.renewed': renewed } = await restart();
  expect({ expired, renewed }).toEqual({ expired: undefined, renewed: 1 });
  expect((await ada.source(reports.id)).credential).toMatchObject(unasked);
});

test('a connection is asked once for all that it backs, and its keeper grants it', async () => {
  const path = `/api/v1/authorized-connections/${connection.id}`;
  const missing = asked('members:read');
  expect(await alma.call('GET', path)).toMatchObject({ canRenew: true, credential: missing });
  expect(await ada.source(chat.id)).toMatchObject({
    canRenew: false,
    renewableBy: [{ id: alma.me.user.id }],
    credential: missing,
  });
  const entry = `/authorized-connections/${connection.id}`;
  const outcome = await alma.renew(entry, { account: 'Acme' });
  expect(outcome.status).toBe('succeeded');
  expect(await alma.call('GET', path)).toMatchObject({ credential: unasked });
  expect((await ada.source(chat.id)).credential).toMatchObject(unasked);
});

test('a release that takes the scope away again asks for nothing and leaves the wider grant alone', async () => {
  overlay.clear();
  await restart();
  expect((await ada.source(reports.id)).credential).toMatchObject(unasked);
  await expectSync(reports);
});
