import type { Authorization, AuthorizationOutcome } from '@credential-renewal/gateway/http-types';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Browser, createBrowser } from './browser.ts';
import { createDemoControls } from './demo-controls.ts';
import { countersOf } from './demo-grants.ts';
import { type Person, signIn } from './person.ts';
import { type Product, startProduct, productTest as test } from './product.ts';

const account = 'ada@acme.example';

let product: Product;
let controls: ReturnType<typeof createDemoControls>;
let ada: Person;
let adasBrowser: Browser;
let sourceId: string;

beforeAll(async () => {
  product = await startProduct({ DEMO_SOURCES: 'false' });
  controls = createDemoControls(product.demoUrl);
  ada = await signIn(product, 'ada');
  adasBrowser = createBrowser(product.gatewayUrl);
  await adasBrowser.signIn('ada');
  ({ id: sourceId } = await ada.addSource(
    { connectorId: 'orchard-drive', name: 'Reports' },
    account,
  ));
  await ada.addSource({ connectorId: 'helpline-desk', name: 'Tickets' }, account);
});
afterAll(() => product?.dispose());

const startRenewal = (id = sourceId) =>
  ada.call<Authorization>('POST', `/api/v1/my-sources/${id}/renewals`, {});

/** A renewal up to the moment before the callback is opened, in a browser of Ada's. */
async function leave() {
  const { id, authorizationUrl } = await startRenewal();
  const browser = adasBrowser.copy();
  return { id, browser, callback: await browser.leave(authorizationUrl, { account }) };
}

const outcomeOf = (id: string) =>
  ada.call<AuthorizationOutcome>('GET', `/api/v1/authorizations/${id}`);

/** Token requests to any provider, of any kind. */
async function tokenRequests(): Promise<number> {
  const counts = await Promise.all(
    ['orchard', 'revolve', 'chatter', 'helpline'].map((provider) => countersOf(controls, provider)),
  );
  return counts.reduce((sum, { exchanges, refreshes }) => sum + exchanges + refreshes, 0);
}

/** What must not change when something is refused. */
async function stateNow() {
  const { credential } = await ada.source(sourceId);
  return { requests: await tokenRequests(), credential };
}

function expectPage(
  answer: { status: number; body: string },
  { status, code }: { status: number; code: string },
  callback?: URL,
): void {
  expect(answer.body).toContain('<!doctype html>');
  expect({ status: answer.status, says: answer.body.includes(code) }).toEqual({
    status,
    says: true,
  });
  expect(answer.body).toContain('href="/my-sources"');
  // No page repeats what an address bar must forget.
  const secret = callback?.searchParams.get('code') ?? callback?.searchParams.get('state');
  if (secret) expect(answer.body).not.toContain(secret);
}

function changed(url: URL, change: (parameters: URLSearchParams) => void): URL {
  const copy = new URL(url);
  change(copy.searchParams);
  return copy;
}

test('a callback is good for one exchange: opened again it is foreign to the browser, and with the cookie kept it is over', async () => {
  const { id, browser, callback } = await leave();
  const withCookieKept = browser.copy();
  const { requests } = await stateNow();
  expect((await browser.open(callback)).url.searchParams.get('authorization')).toBe(id);
  const done = await stateNow();
  expect(done.requests).toBe(requests + 1);

  expectPage(await browser.open(callback), { status: 400, code: 'CALLBACK_FOREIGN' }, callback);
  expectPage(
    await withCookieKept.open(callback),
    { status: 409, code: 'AUTHORIZATION_ENDED' },
    callback,
  );
  expect(await stateNow()).toEqual(done);
});

test('of two callbacks at the same moment one exchanges the code', async () => {
  const { id, browser, callback } = await leave();
  const { requests } = await stateNow();
  const answers = await Promise.all([browser, browser.copy()].map((one) => one.open(callback)));
  const [arrived, refused] = answers.sort((a, b) => a.status - b.status);
  expect(arrived?.url.searchParams.get('authorization')).toBe(id);
  expect(refused).toMatchObject({ status: 409 });
  expect((await stateNow()).requests).toBe(requests + 1);
  expect((await outcomeOf(id)).status).toBe('succeeded');
});

test('a foreign state, none, or two are refused without a word to the provider', async () => {
  const { id, browser, callback } = await leave();
  const before = await stateNow();
  const forged = [
    changed(callback, (query) => query.set('state', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')),
    changed(callback, (query) => query.delete('state')),
    changed(callback, (query) => query.append('state', 'second')),
  ];
  for (const url of forged)
    expectPage(await browser.open(url), { status: 400, code: 'CALLBACK_FOREIGN' }, callback);
  expect(await stateNow()).toEqual(before);
  expect((await outcomeOf(id)).status).toBe('pending');
});

test("nobody finishes another's authorization, with a stolen link or with a stolen cookie, and its owner still can", async () => {
  const { id, browser, callback } = await leave();
  const before = await stateNow();
  const max = createBrowser(product.gatewayUrl);
  await max.signIn('max');
  expectPage(await max.open(callback), { status: 400, code: 'CALLBACK_FOREIGN' }, callback);

  const thief = createBrowser(product.gatewayUrl, browser.jar.copy());
  await thief.signIn('max');
  expectPage(
    await thief.open(callback),
    { status: 403, code: 'AUTHORIZATION_NOT_YOURS' },
    callback,
  );
  expect(await stateNow()).toEqual(before);
  await browser.open(callback);
  expect((await outcomeOf(id)).status).toBe('succeeded');
});

test('another browser of the same person cannot finish what this one began', async () => {
  const { id, browser, callback } = await leave();
  const before = await stateNow();
  const other = createBrowser(product.gatewayUrl);
  await other.signIn('ada');
  expectPage(await other.open(callback), { status: 400, code: 'CALLBACK_FOREIGN' }, callback);
  expect(await stateNow()).toEqual(before);
  await browser.open(callback);
  expect((await outcomeOf(id)).status).toBe('succeeded');
});

test('a link to leave by is of no use to another user, and asks who is signed out to sign in', async () => {
  const { id, authorizationUrl } = await startRenewal();
  const max = createBrowser(product.gatewayUrl);
  await max.signIn('max');
  expectPage(await max.open(authorizationUrl), { status: 403, code: 'AUTHORIZATION_NOT_YOURS' });
  const nobody = await createBrowser(product.gatewayUrl).open(authorizationUrl);
  expect(nobody.body).toContain('name="persona"');
  expect((await outcomeOf(id)).status).toBe('pending');
});

test.each<[string, (query: URLSearchParams) => void]>([
  ['names another issuer', (query) => query.set('iss', 'https://evil.example')],
  ['names none where one was promised', (query) => query.delete('iss')],
  [
    'is an error of another issuer',
    (query) => {
      query.delete('code');
      query.set('error', 'access_denied');
      query.set('iss', 'https://evil.example');
    },
  ],
])('an answer that %s is used for nothing', async (_what, change) => {
  const { id, browser, callback } = await leave();
  const before = await stateNow();
  const end = await browser.open(changed(callback, change));
  expect(end.url.searchParams.get('authorization')).toBe(id);
  expect(await outcomeOf(id)).toMatchObject({
    status: 'failed',
    error: { code: 'PROVIDER_MIXED_UP' },
  });
  expect(await stateNow()).toEqual(before);
});

test("an answer that comes to another provider's redirect address is used for nothing", async () => {
  const { id, browser, callback } = await leave();
  const before = await stateNow();
  callback.pathname = '/oauth/callback/helpline';
  await browser.open(callback);
  expect(await outcomeOf(id)).toMatchObject({
    status: 'failed',
    error: { code: 'PROVIDER_MIXED_UP' },
  });
  expect(await stateNow()).toEqual(before);
});

test('a callback that comes after ten minutes is too late', async () => {
  const { id, browser, callback } = await leave();
  const before = await stateNow();
  await controls.advanceClock(601);
  expectPage(await browser.open(callback), { status: 409, code: 'AUTHORIZATION_ENDED' }, callback);
  expect(await stateNow()).toEqual(before);
  expect((await outcomeOf(id)).status).toBe('expired');
});

test.each([
  'https://evil.example/my-sources',
  '//evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  '/\t/evil.example',
  'my-sources',
])('nobody is sent back to %j', async (returnTo) => {
  const calls = [
    [`/api/v1/my-sources/${sourceId}/renewals`, { returnTo }],
    ['/api/v1/sources', { connectorId: 'orchard-drive', name: 'Elsewhere', returnTo }],
  ] as const;
  for (const [path, body] of calls) {
    expect(await ada.api('POST', path, body)).toMatchObject({
      status: 400,
      body: { code: 'INPUT_INVALID', errors: [{ pointer: '/returnTo' }] },
    });
  }
  const signInTo = `/sign-in?${new URLSearchParams({ returnTo })}`;
  expect((await adasBrowser.open(signInTo)).status).toBe(400);
  expect((await ada.mySources()).map(({ name }) => name)).not.toContain('Elsewhere');
});

test('what was cancelled before leaving leads nowhere', async () => {
  const { id, authorizationUrl } = await startRenewal();
  await ada.call('POST', `/api/v1/authorizations/${id}/cancel`);
  const before = await stateNow();
  const answer = await adasBrowser.open(authorizationUrl);
  expectPage(answer, { status: 409, code: 'AUTHORIZATION_ENDED' });
  expect(await stateNow()).toEqual(before);
});

test('what was cancelled while the person was at the provider is not finished by coming back', async () => {
  const { id, browser, callback } = await leave();
  await ada.call('POST', `/api/v1/authorizations/${id}/cancel`);
  const before = await stateNow();
  expectPage(await browser.open(callback), { status: 409, code: 'AUTHORIZATION_ENDED' }, callback);
  expect(await stateNow()).toEqual(before);
});

test('somebody who was signed out meanwhile is told so, and can finish after signing in', async () => {
  const { id, browser, callback } = await leave();
  const signedOut = createBrowser(product.gatewayUrl, browser.jar.copy());
  await fetch(new URL('/sign-out', product.gatewayUrl), {
    method: 'POST',
    headers: {
      origin: product.gatewayUrl,
      cookie: signedOut.jar.header(new URL(product.gatewayUrl)),
    },
  }).then(({ headers }) => signedOut.jar.store(new URL(product.gatewayUrl), headers));
  const before = await stateNow();
  expectPage(
    await signedOut.open(callback),
    { status: 403, code: 'CALLBACK_SESSION_REQUIRED' },
    callback,
  );
  expect(await stateNow()).toEqual(before);
  await signedOut.signIn('ada');
  await signedOut.open(callback);
  expect((await outcomeOf(id)).status).toBe('succeeded');
});
