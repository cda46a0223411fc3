import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { knownToken } from '../testing/fake-notification.ts';
import { ids } from '../testing/fake-services.ts';
import { type GatewayWorld, startGatewayWorld } from '../testing/gateway-world.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await startGatewayWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.notification.unsubscribed.length = 0;
  // Each test begins with a full bucket.
  world.clock.advance(60_000);
});

const path = `/unsubscribe?token=${knownToken}`;
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const browser = { accept: 'text/html,application/xhtml+xml' };
const oneClick = 'List-Unsubscribe=One-Click';

function post(
  to: string,
  body: string | undefined = oneClick,
  headers: Record<string, string> = form,
) {
  return world.fetch(to, { method: 'POST', headers, body });
}

test('the link shows whose reminders will stop, with one button, and changes nothing however often it is followed', async () => {
  for (let time = 0; time < 3; time += 1) {
    const response = await world.fetch(path, { headers: browser });
    expect(response.status).toBe(200);
    const page = await response.text();
    expect(page).toContain('u•••@acme.example');
    expect(page.match(/<button>/g)).toHaveLength(1);
    expect(page).toContain('name="List-Unsubscribe" value="One-Click"');
  }
  expect((await world.fetch(path, { method: 'HEAD' })).status).toBe(200);
  expect(world.notification.unsubscribed).toEqual([]);
});

test('a mail provider unsubscribes with one request, without cookie, session or origin, and gets nothing back', async () => {
  const response = await post(path);
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('');
  expect(response.headers.getSetCookie()).toEqual([]);
  expect(world.notification.unsubscribed).toEqual([knownToken]);
});

test.each([
  [
    'from another site',
    { ...form, origin: 'https://mail.example', 'sec-fetch-site': 'cross-site' },
  ],
  ['with an opaque origin', { ...form, origin: 'null' }],
  ['with a cookie that is no good', { ...form, cookie: 'session=forged' }],
])('a request %s does the same', async (_what, headers) => {
  const response = await post(path, oneClick, headers);
  expect(response.status).toBe(200);
  // A cookie is neither read nor cleared.
  expect(response.headers.getSetCookie()).toEqual([]);
  expect(world.notification.unsubscribed).toEqual([knownToken]);
});

test('a form in parts, which RFC 8058 prefers, does the same', async () => {
  const body = new FormData();
  body.set('List-Unsubscribe', 'One-Click');
  const response = await world.fetch(path, { method: 'POST', body });
  expect(response.status).toBe(200);
  expect(world.notification.unsubscribed).toEqual([knownToken]);
});

test('a repeated request answers the same', async () => {
  expect((await post(path)).status).toBe(200);
  expect((await post(path)).status).toBe(200);
});

test("the page's own button does it and says so", async () => {
  const response = await post(path, oneClick, { ...form, ...browser });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('Reminders are off');
  expect(world.notification.unsubscribed).toEqual([knownToken]);
  const again = await (await world.fetch(path, { headers: browser })).text();
  expect(again).toContain('Reminders are off');
  expect(again).not.toContain('<button>');
});

test.each([
  ['no body', undefined, {}],
  ['another form', 'a=b', form],
  ['JSON', '{"List-Unsubscribe":"One-Click"}', { 'content-type': 'application/json' }],
  ['no form', oneClick, { 'content-type': 'text/plain' }],
  ['more than a form has', `${oneClick}&a=${'x'.repeat(5_000)}`, form],
])('a post with %s changes nothing', async (_what, body, headers) => {
  const response = await world.fetch(path, { method: 'POST', body, headers });
  expect(response.status).toBe(400);
  expect(((await response.json()) as { code: string }).code).toBe('UNSUBSCRIBE_FORM_INVALID');
  expect(world.notification.unsubscribed).toEqual([]);
});

test.each([
  ['unknown', '/unsubscribe?token=unknown'],
  ['missing', '/unsubscribe'],
  ['empty', '/unsubscribe?token='],
  ['given twice', `/unsubscribe?token=${knownToken}&token=x`],
  ['absurdly long', `/unsubscribe?token=${'x'.repeat(5_000)}`],
])('a token that is %s is a kind page for a person and 404 for a program', async (_what, to) => {
  const page = await world.fetch(to, { headers: browser });
  expect(page.status).toBe(404);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(await page.text()).toContain('Notification settings');
  const answer = await post(to);
  expect(answer.status).toBe(404);
  expect(((await answer.json()) as { code: string }).code).toBe('UNSUBSCRIBE_TOKEN_UNKNOWN');
  expect(world.notification.unsubscribed).toEqual([]);
});

test('the token gives no other right, and stands in no log', async () => {
  world.logLines.length = 0;
  await post(path);
  const me = await world.fetch('/api/v1/me', {
    headers: { authorization: `Bearer ${knownToken}` },
  });
  expect(me.status).toBe(401);
  expect(world.logLines.join('')).not.toContain(knownToken);
});

test('a token in a page is escaped and stays in its place', async () => {
  const own = await startGatewayWorld({
    notification: {
      async describeUnsubscribe() {
        return { maskedAddress: '<b>x</b>', alreadyOff: false };
      },
    },
  });
  const response = await own.fetch('/unsubscribe?token=%22%3E%3Cscript%3E%26a%3Db');
  const page = await response.text();
  await own.stop();
  expect(page).not.toContain('<script>');
  expect(page).not.toContain('<b>');
  expect(page).toContain('action="/unsubscribe?token=%22%3E%3Cscript%3E%26a%3Db"');
});

test('a flood is held back with Retry-After, and ends by itself', async () => {
  let held: Response | undefined;
  // Beside the burst the bucket gives 20 a second: any machine asks faster.
  while (held === undefined) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post('/unsubscribe?token=guess')),
    );
    held = answers.find(({ status }) => status === 429);
  }
  expect(held.headers.get('retry-after')).toBe('1');
  // Nobody else is held back.
  expect((await world.fetch('/api/v1/me', { as: ids.creator })).status).toBe(200);
  world.clock.advance(1_000);
  expect((await post(path)).status).toBe(200);
});
