import { connect } from 'node:net';
import type { Problem, Source } from '@credential-renewal/gateway/http-types';
import { afterAll, beforeAll, expect } from 'vitest';
import { createBrowser } from './browser.ts';
import { type Person, signIn } from './person.ts';
import { type Product, startProduct, productTest as test } from './product.ts';
import { until } from './until.ts';

let product: Product;
let ada: Person;
let cookie: string;
let source: Source;
const unknownId = '0190a000-0000-7000-8000-000000000000';

beforeAll(async () => {
  product = await startProduct({ DEMO_SOURCES: 'false' });
  ada = await signIn(product, 'ada');
  const browser = createBrowser(product.gatewayUrl);
  await browser.signIn('ada');
  cookie = browser.jar.header(new URL(product.gatewayUrl));
  source = await ada.addSource(
    { connectorId: 'orchard-drive', name: 'Reports' },
    'ada@acme.example',
  );
});
afterAll(() => product?.dispose());

/** A request as it is, with Ada's session unless other headers say otherwise. */
async function send(
  method: string,
  path: string,
  { body, headers = {} }: { body?: string | Buffer; headers?: Record<string, string> } = {},
) {
  const response = await fetch(new URL(path, product.gatewayUrl), {
    method,
    redirect: 'manual',
    headers: { cookie, origin: product.gatewayUrl, ...headers },
    ...(body === undefined ? {} : { body: body as string }),
  });
  const text = await response.text();
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = JSON.parse(text) as Problem;
  expect(problem).toMatchObject({
    type: 'about:blank',
    title: expect.any(String),
    status: response.status,
    detail: expect.any(String),
    code: expect.stringMatching(/^[A-Z_]+$/),
  });
  // No stack, no path of ours, no name of a library.
  expect(text).not.toMatch(/\bat \S+:\d+|node_modules|Fastify|FST_|sqlite/i);
  return { status: response.status, problem, headers: response.headers };
}

const json = { 'content-type': 'application/json' };
const post = (path: string, body: unknown) =>
  send('POST', path, { body: JSON.stringify(body), headers: json });

const newSource = { connectorId: 'orchard-drive', name: 'New' };

test('a body over its limit is refused, told by its length or not', async () => {
  const body = JSON.stringify({ ...newSource, name: 'x'.repeat(70_000) });
  const { status, problem } = await send('POST', '/api/v1/sources', { body, headers: json });
  expect({ status, code: problem.code }).toEqual({ status: 413, code: 'BODY_TOO_LARGE' });
});

test.each([
  ['cut off', '{"connectorId": "orch'],
  ['empty', ''],
  ['no JSON', 'name=New'],
  ['poisoned', '{"__proto__": {"admin": true}, "connectorId": "orchard-drive", "name": "x"}'],
])('a body that is %s is told to be no JSON', async (_what, body) => {
  const { status, problem } = await send('POST', '/api/v1/sources', { body, headers: json });
  expect({ status, code: problem.code }).toEqual({ status: 400, code: 'BODY_NOT_JSON' });
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'nonsense'])(
  'a body of content type %s is refused',
  async (contentType) => {
    const { status, problem } = await send('POST', '/api/v1/sources', {
      body: JSON.stringify(newSource),
      headers: { 'content-type': contentType },
    });
    expect({ status, code: problem.code }).toEqual({
      status: 415,
      code: 'CONTENT_TYPE_UNSUPPORTED',
    });
  },
);

/** Each wrong field; one may be wrong in several ways. */
const pointersOf = ({ errors = [] }: Problem) =>
  [...new Set(errors.map(({ pointer }) => pointer))].sort();

test.each<[string, unknown, string[]]>([
  ['nothing in it', {}, ['/connectorId', '/name']],
  ['an array', [], ['']],
  ['null', null, ['']],
  ['a name of the wrong type', { ...newSource, name: 7 }, ['/name']],
  ['no coercion of types', { ...newSource, name: true }, ['/name']],
  ['a name too long', { ...newSource, name: 'x'.repeat(101) }, ['/name']],
  ['an empty name', { ...newSource, name: '' }, ['/name']],
  ['a name of blanks', { ...newSource, name: ' \t ' }, ['/name']],
  ['a name with a control character', { ...newSource, name: 'a\u0000b' }, ['/name']],
  ['an unknown property', { ...newSource, status: 'healthy' }, ['/status']],
  ['a property that needs escaping', { ...newSource, 'a/b~c': 1 }, ['/a~1b~0c']],
  ['a workspace that is no text', { ...newSource, workspaceId: {} }, ['/workspaceId']],
  ['a return target too long', { ...newSource, returnTo: `/${'x'.repeat(2_000)}` }, ['/returnTo']],
])('a new source with %s is refused naming the field', async (_what, body, pointers) => {
  const { status, problem } = await post('/api/v1/sources', body);
  expect({ status, code: problem.code }).toEqual({ status: 400, code: 'INPUT_INVALID' });
  expect(pointersOf(problem)).toEqual(pointers);
});

test('an unknown property is told once, in words', async () => {
  const { problem } = await post('/api/v1/sources', { ...newSource, status: 'healthy' });
  expect(problem.errors).toEqual([{ pointer: '/status', detail: 'is not known here' }]);
});

test('other bodies are checked as strictly', async () => {
  const renewals = `/api/v1/my-sources/${source.id}/renewals`;
  const cases: [string, string, unknown, string][] = [
    ['POST', renewals, { switchAccount: 'yes' }, '/switchAccount'],
    ['POST', renewals, { userId: ada.me.user.id }, '/userId'],
    ['POST', '/api/v1/workspaces', { name: '' }, '/name'],
    ['POST', '/api/v1/authorized-connections', { connectorId: 'x', name: 4 }, '/name'],
    ['PATCH', `/api/v1/users/${unknownId}`, { left: 'no' }, '/left'],
    [
      'PUT',
      `/api/v1/workspaces/${unknownId}/members/${unknownId}`,
      { membership: 'owner' },
      '/membership',
    ],
    ['PUT', `/api/v1/authorized-connections/${unknownId}/sharing`, { userIds: 'all' }, '/userIds'],
  ];
  for (const [method, path, body, pointer] of cases) {
    const { status, problem } = await send(method, path, {
      body: JSON.stringify(body),
      headers: json,
    });
    expect({ path, status }).toEqual({ path, status: 400 });
    expect(pointersOf(problem)).toContain(pointer);
  }
});

test.each([
  ['pageSize=0', '/pageSize'],
  ['pageSize=201', '/pageSize'],
  ['pageSize=abc', '/pageSize'],
  ['pageSize=-1', '/pageSize'],
  ['pageSize=1.5', '/pageSize'],
  ['pageToken=garbage', '/pageToken'],
  ['pageToken=', '/pageToken'],
  [`pageToken=${'x'.repeat(501)}`, '/pageToken'],
  ['status=dead', '/status'],
  ['offset=3', '/offset'],
])('a list asked for with ?%s is refused naming the parameter', async (query, pointer) => {
  const { status, problem } = await send('GET', `/api/v1/my-sources?${query}`);
  expect({ status, code: problem.code }).toEqual({ status: 400, code: 'INPUT_INVALID' });
  expect(pointersOf(problem)).toContain(pointer);
});

test.each([
  unknownId,
  'not-an-id',
  '..%2f..%2fetc%2fpasswd',
  '%00',
  'x'.repeat(300),
  "1'%20OR%20'1'='1",
])('what has an unknown id (%s) is not there', async (id) => {
  const calls: [string, string][] = [
    ['GET', `/api/v1/sources/${id}`],
    ['GET', `/api/v1/sources/${id}/history`],
    ['DELETE', `/api/v1/sources/${id}`],
    ['POST', `/api/v1/my-sources/${id}/renewals`],
    ['POST', `/api/v1/authorized-connections/${id}/renewals`],
    ['POST', `/api/v1/workspaces/${id}/sources/${source.id}/renewals`],
    ['GET', `/api/v1/workspaces/${id}`],
    ['GET', `/api/v1/workspaces/${id}/sources`],
    ['GET', `/api/v1/authorized-connections/${id}`],
    ['GET', `/api/v1/authorizations/${id}`],
  ];
  for (const [method, path] of calls)
    expect({ path, status: (await send(method, path)).status }).toEqual({ path, status: 404 });
});

test('ids inside a body that nobody knows are told', async () => {
  const workspace = await post('/api/v1/sources', { ...newSource, workspaceId: unknownId });
  expect(workspace.status).toBe(404);
  const connector = await post('/api/v1/sources', { ...newSource, connectorId: 'no-such' });
  expect(connector).toMatchObject({ status: 404, problem: { code: 'CONNECTOR_NOT_FOUND' } });
  const connection = await post('/api/v1/sources', {
    connectorId: 'chatter-enterprise',
    name: 'New',
    authorizedConnectionId: unknownId,
  });
  expect(connection.status).toBe(404);
});

test('a session that is forged, cut or of another key is none, and is cleared', async () => {
  const name = cookie.slice(0, cookie.indexOf('='));
  const value = cookie.slice(cookie.indexOf('=') + 1).split(';')[0] ?? '';
  const forgeries = ['nonsense', value.slice(0, -8), `${value.slice(0, -4)}AAAA`, `A${value}`];
  for (const forged of forgeries) {
    const answer = await send('GET', '/api/v1/me', { headers: { cookie: `${name}=${forged}` } });
    expect(answer).toMatchObject({ status: 401, problem: { code: 'SESSION_INVALID' } });
    expect(answer.headers.get('set-cookie')).toMatch(new RegExp(`^${name}=;`));
  }
  const none = await send('GET', '/api/v1/me', { headers: { cookie: '' } });
  expect(none).toMatchObject({ status: 401, problem: { code: 'SESSION_REQUIRED' } });
});

test('a method that an address does not know is refused with those it knows', async () => {
  const answer = await send('PUT', `/api/v1/sources/${source.id}`, { body: '{}', headers: json });
  expect(answer).toMatchObject({ status: 405, problem: { code: 'METHOD_NOT_ALLOWED' } });
  expect(answer.headers.get('allow')).toContain('DELETE');
  expect(answer.headers.get('allow')).toContain('GET');
});

test('an address that does not exist is told to programs as a problem', async () => {
  for (const path of ['/api/v1/nothing', '/api/v2/me', '/.env'])
    expect(await send('GET', path)).toMatchObject({
      status: 404,
      problem: { code: 'ROUTE_NOT_FOUND' },
    });
});

/** Bytes that no client library would send; answers with all that came back. */
function sendRaw(text: string): Promise<string> {
  const { hostname, port } = new URL(product.gatewayUrl);
  return new Promise((done, fail) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('close', () => done(answer));
    socket.on('error', fail);
    socket.write(text);
  });
}

test.each([
  ['is no HTTP', 'HELLO\r\n\r\n', 400],
  ['has headers without end', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`, 431],
  [
    'smuggles a second length',
    'POST /api/v1/sources HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}',
    400,
  ],
])('a request that %s gets a problem document and the door', async (_what, text, status) => {
  const answer = await sendRaw(text);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer).toContain('application/problem+json');
});

test('nothing of all that changed anything, made an error of ours, or was logged more than once each', async () => {
  expect((await ada.mySources()).map(({ id }) => id)).toEqual([source.id]);
  const lines = () =>
    product
      .log()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(
    lines().filter(({ status, level }) => Number(status) >= 500 || Number(level) >= 50),
  ).toEqual([]);

  const traceId = 'abad1deaabad1deaabad1deaabad1dea';
  await send('POST', '/api/v1/sources', {
    body: '{"name": 1}',
    headers: { ...json, traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  });
  await until(() =>
    expect(lines().filter((line) => line['trace_id'] === traceId)).toMatchObject([
      { service: 'gateway', status: 400, problem: 'INPUT_INVALID', route: '/api/v1/sources' },
    ]),
  );
});
