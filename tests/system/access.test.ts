import { createBearerToken } from '@credential-renewal/demo-provider';
import type {
  AuditEntry,
  AuthorizedConnection,
  PageOf,
  Source,
  Workspace,
} from '@credential-renewal/gateway/http-types';
import { afterAll, beforeAll, expect } from 'vitest';
import { createBrowser } from './browser.ts';
import { createDemoControls } from './demo-controls.ts';
import { type Person, signIn } from './person.ts';
import { type Product, startProduct, productTest as test } from './product.ts';
import { until } from './until.ts';

let product: Product;
let controls: ReturnType<typeof createDemoControls>;
let ada: Person;
let max: Person;
let alma: Person;
let olga: Person;
let workspace: Workspace;
let connection: AuthorizedConnection;
/** Ada's, for nobody else to see but administrators; Max's in the workspace; Ada's, backed by Alma's connection. */
let secluded: Source;
let common: Source;
let backed: Source;

beforeAll(async () => {
  product = await startProduct({
    DEMO_SOURCES: 'false',
    WORKER_INTERVAL_MS: '200',
    SWEEP_INTERVAL_MS: '200',
    DIGEST_WINDOW_MS: '1',
  });
  controls = createDemoControls(product.demoUrl);
  [ada, max, alma, olga] = (await Promise.all(
    ['ada', 'max', 'alma', 'olga'].map((id) => signIn(product, id)),
  )) as [Person, Person, Person, Person];
  workspace = await alma.call<Workspace>('POST', '/api/v1/workspaces', { name: 'Marketing' });
  for (const { me } of [ada, max]) await setMembership(alma, me.user.id, 'member');
  connection = await alma.addConnection('Acme Chatter', 'Acme');
  secluded = await ada.addSource(
    { connectorId: 'orchard-drive', name: 'Secluded' },
    'ada@acme.example',
  );
  common = await max.addSource(
    { connectorId: 'revolve-box', name: 'Common', workspaceId: workspace.id },
    'max@acme.example',
  );
  backed = await ada.addSource({
    connectorId: 'chatter-enterprise',
    name: 'Backed',
    authorizedConnectionId: connection.id,
  });
});
afterAll(() => product?.dispose());

function setMembership(by: Person, userId: string, membership: string) {
  const path = `/api/v1/workspaces/${workspace.id}/members/${userId}`;
  return by.api('PUT', path, { membership });
}

const setLeft = (by: Person, userId: string, left: boolean) =>
  by.api('PATCH', `/api/v1/users/${userId}`, { left });

test('another account finds nothing, whatever id it knows', async () => {
  const begun = await ada.call<{ id: string }>(
    'POST',
    `/api/v1/my-sources/${secluded.id}/renewals`,
  );
  const inside = `/api/v1/workspaces/${workspace.id}`;
  const calls: [string, string, object?][] = [
    ['GET', `/api/v1/sources/${secluded.id}`],
    ['GET', `/api/v1/sources/${secluded.id}/history`],
    ['DELETE', `/api/v1/sources/${secluded.id}`],
    ['POST', `/api/v1/my-sources/${secluded.id}/renewals`, {}],
    ['GET', inside],
    ['GET', `${inside}/sources`],
    ['POST', `${inside}/sources/${common.id}/renewals`, {}],
    ['POST', `${inside}/sources/${common.id}/take-over`],
    ['PUT', `${inside}/members/${olga.me.user.id}`, { membership: 'admin' }],
    ['GET', `/api/v1/authorized-connections/${connection.id}`],
    ['GET', `/api/v1/authorized-connections/${connection.id}/history`],
    ['PUT', `/api/v1/authorized-connections/${connection.id}/sharing`, { userIds: [] }],
    ['POST', `/api/v1/authorized-connections/${connection.id}/renewals`, {}],
    ['DELETE', `/api/v1/authorized-connections/${connection.id}`],
    ['GET', `/api/v1/authorizations/${begun.id}`],
    ['POST', `/api/v1/authorizations/${begun.id}/cancel`],
    ['PATCH', `/api/v1/users/${ada.me.user.id}`, { left: true }],
  ];
  for (const [method, path, body] of calls)
    expect({ method, path, status: (await olga.api(method, path, body)).status }).toEqual({
      method,
      path,
      status: 404,
    });
  const lists = ['/my-sources', '/workspaces', '/authorized-connections'];
  for (const list of lists)
    expect(await olga.call('GET', `/api/v1${list}`)).toMatchObject({ items: [] });
  const { items: users } = await olga.call<PageOf<{ name: string }>>('GET', '/api/v1/users');
  expect(users.map(({ name }) => name)).toEqual(['Olga Stein']);
  const built = { connectorId: 'orchard-drive', name: 'Intruder', workspaceId: workspace.id };
  expect((await olga.api('POST', '/api/v1/sources', built)).status).toBe(404);
  expect((await ada.source(secluded.id)).name).toBe('Secluded');
});

test('a source outside any workspace is unknown to colleagues and shown to administrators', async () => {
  expect((await max.api('GET', `/api/v1/sources/${secluded.id}`)).status).toBe(404);
  expect((await max.api('POST', `/api/v1/my-sources/${secluded.id}/renewals`, {})).status).toBe(
    404,
  );
  expect(await alma.source(secluded.id)).toMatchObject({ canRenew: false });
});

test('who sees a source and may not renew it is told who may', async () => {
  for (const person of [ada, alma]) {
    for (const entry of [
      `/my-sources/${common.id}`,
      `/workspaces/${workspace.id}/sources/${common.id}`,
    ]) {
      expect(await person.api('POST', `/api/v1${entry}/renewals`, {})).toMatchObject({
        status: 403,
        body: { code: 'RENEWAL_FORBIDDEN', detail: expect.stringContaining('Max Weber') },
      });
    }
  }
  const backedEntry = await ada.api('POST', `/api/v1/my-sources/${backed.id}/renewals`, {});
  expect(backedEntry).toMatchObject({
    status: 403,
    body: { detail: expect.stringContaining('Alma Ruiz') },
  });
});

test('an entry point leads only to what is there: no source of another workspace, none as a connection', async () => {
  const other = await max.call<Workspace>('POST', '/api/v1/workspaces', { name: 'Elsewhere' });
  const wrong = [
    `/workspaces/${other.id}/sources/${common.id}`,
    `/authorized-connections/${common.id}`,
    `/my-sources/${connection.id}`,
  ];
  for (const entry of wrong)
    expect((await max.api('POST', `/api/v1${entry}/renewals`, {})).status).toBe(404);
});

test('what only administrators may do is refused to members', async () => {
  const admin = `/api/v1/authorized-connections`;
  const add = { connectorId: 'chatter-enterprise', name: 'Mine' };
  const refusals = [
    await setLeft(ada, max.me.user.id, true),
    await setMembership(ada, ada.me.user.id, 'admin'),
    await ada.api('POST', admin, add),
    await ada.api('POST', `${admin}/${connection.id}/renewals`, {}),
    await ada.api('DELETE', `${admin}/${connection.id}`),
    await ada.api('PUT', `${admin}/${connection.id}/sharing`, { userIds: [] }),
    await ada.api('POST', `/api/v1/workspaces/${workspace.id}/sources/${common.id}/take-over`),
    await ada.api('DELETE', `/api/v1/sources/${common.id}`),
  ];
  expect(refusals.map(({ status }) => status)).toEqual(refusals.map(() => 403));
  expect((await max.source(common.id)).credential.status).toBe('healthy');
});

test('evidence of what the provider said is for administrators', async () => {
  await controls.withdraw('revolve', 'max@acme.example');
  const dead = await max.untilStatus(common.id, 'expired');
  expect(dead.credential.reason).toMatchObject({ code: 'access_withdrawn', evidence: null });
  expect((await alma.source(common.id)).credential.reason?.evidence).toMatchObject({
    error: 'invalid_grant',
    httpStatus: 400,
    verdict: 'dead',
  });
});

test('a bearer token works as the session does, and only for this product', async () => {
  const token = await createBearerToken(`${product.demoUrl}/identity`, 'max');
  const send = (authorization: string, method = 'GET', path = '/api/v1/me') =>
    fetch(new URL(path, product.gatewayUrl), { method, headers: { authorization } });
  expect(await (await send(`Bearer ${token}`)).json()).toEqual(max.me);
  // A token cannot be sent by another site unasked, so a write needs no Origin.
  const renewal = await send(`Bearer ${token}`, 'POST', `/api/v1/my-sources/${common.id}/renewals`);
  expect(renewal.status).toBe(201);

  const [head, body, signature] = token.split('.') as [string, string, string];
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
  const promoted = Buffer.from(JSON.stringify({ ...claims, role: 'admin' })).toString('base64url');
  const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
  for (const forged of [
    `Bearer ${head}.${promoted}.${signature}`,
    `Bearer ${unsigned}.${body}.`,
    'Bearer nonsense',
    'Basic YWRhOmFkYQ==',
  ]) {
    const answer = await send(forged);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(await answer.json()).toMatchObject({ code: 'BEARER_TOKEN_INVALID' });
  }
});

test('another site cannot write with the session cookie', async () => {
  const cookie = await sessionCookie('ada');
  const path = new URL(`/api/v1/sources/${secluded.id}`, product.gatewayUrl);
  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site', origin: product.gatewayUrl },
    { 'sec-fetch-site': 'same-site' },
    {},
  ];
  for (const headers of foreign) {
    const answer = await fetch(path, { method: 'DELETE', headers: { cookie, ...headers } });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ code: 'CROSS_SITE_REQUEST' });
  }
  expect((await ada.source(secluded.id)).credential.status).toBe('healthy');
});

/** Signs in once more and answers with the `Cookie` header alone. */
async function sessionCookie(persona: string): Promise<string> {
  const browser = createBrowser(product.gatewayUrl);
  await browser.signIn(persona);
  return browser.jar.header(new URL(product.gatewayUrl));
}

test('nobody says of themselves that they have left', async () => {
  expect(await setLeft(alma, alma.me.user.id, true)).toMatchObject({
    status: 409,
    body: { code: 'USER_IS_CALLER' },
  });
});

test("who has left is out, with cookie and token; the workspace's administrators are mailed and take the source over", async () => {
  await max.renew(`/my-sources/${common.id}`, { account: 'max@acme.example' });
  const token = await createBearerToken(`${product.demoUrl}/identity`, 'max');
  expect((await setLeft(alma, max.me.user.id, true)).status).toBe(200);
  // As long as another replica of the gateway may remember somebody.
  await controls.advanceClock(5);

  expect(await max.api('GET', '/api/v1/me')).toMatchObject({
    status: 401,
    body: { code: 'USER_LEFT' },
  });
  const byToken = await fetch(new URL('/api/v1/me', product.gatewayUrl), {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(byToken.status).toBe(401);
  await expect(signIn(product, 'max')).rejects.toThrow();

  const before = await controls.mails();
  await controls.withdraw('revolve', 'max@acme.example');
  const dead = await alma.untilStatus(common.id, 'expired');
  expect(dead).toMatchObject({
    canRenew: false,
    canTakeOver: true,
    creator: { name: 'Max Weber', left: true },
    renewableBy: [{ name: 'Alma Ruiz' }],
  });
  await until(async () => {
    const mails = await controls.mails();
    expect(mails).toHaveLength(before.length + 1);
    expect(mails[0]?.to).toContain('alma@acme.example');
  });
  const entry = `/workspaces/${workspace.id}/sources/${common.id}`;
  expect((await ada.api('POST', `/api/v1${entry}/take-over`)).status).toBe(403);

  expect(await alma.call('POST', `/api/v1${entry}/take-over`)).toMatchObject({
    canRenew: true,
    creator: { name: 'Alma Ruiz', left: false },
  });
  // Alma's own account would be another one; the person who left had shared this one.
  const renewed = await alma.renew(entry, { account: 'max@acme.example' });
  expect(renewed.status).toBe('succeeded');
  expect((await alma.source(common.id)).credential.status).toBe('healthy');
  const { items } = await alma.call<PageOf<AuditEntry>>(
    'GET',
    `/api/v1/sources/${common.id}/history`,
  );
  expect(items.find(({ action }) => action === 'source.taken-over')).toMatchObject({
    actorName: 'Alma Ruiz',
    text: expect.stringContaining('Max Weber'),
  });
});

test('who is back is let in again', async () => {
  expect((await setLeft(alma, max.me.user.id, false)).status).toBe(200);
  const back = await signIn(product, 'max');
  expect(await back.mySources()).toEqual([]);
});
