import { connect } from 'node:net';
import { DomainError } from '@credential-renewal/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ids } from '../testing/fake-services.ts';
import { type GatewayWorld, startGatewayWorld } from '../testing/gateway-world.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await startGatewayWorld({
    broker: {
      async disconnect() {
        throw new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'away');
      },
    },
  });
});
afterAll(() => world.stop());

const json = { 'content-type': 'application/json' };

function post(path: string, body: unknown, as = ids.creator) {
  return world.fetch(path, { method: 'POST', headers: json, body: JSON.stringify(body), as });
}

async function problemIn(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const problem = (await response.json()) as {
    status: number;
    code: string;
    errors?: { pointer: string }[];
  };
  expect(problem.status).toBe(response.status);
  return problem;
}

test('the signed-in user is told who they are', async () => {
  const response = await world.fetch('/api/v1/me', { as: ids.admin });
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.json()).toEqual({
    user: { id: ids.admin, name: 'User 2', email: 'user-2@acme.example' },
    account: { id: ids.account, name: 'Acme' },
    role: 'admin',
  });
});

test('a list has items and a null token on its last page', async () => {
  const response = await world.fetch('/api/v1/my-sources?pageSize=10&status=pending', {
    as: ids.creator,
  });
  const page = (await response.json()) as { items: { id: string }[]; nextPageToken: null };
  expect(page.items.map(({ id }) => id)).toEqual([ids.source]);
  expect(page.nextPageToken).toBeNull();
});

test('adding a source answers 201 with the hop that begins its authorization', async () => {
  const response = await post('/api/v1/sources', { connectorId: 'demo-drive', name: '  Files ' });
  expect(response.status).toBe(201);
  const { source, authorization } = (await response.json()) as {
    source: { name: string; credential: { status: string } };
    authorization: { authorizationUrl: string };
  };
  expect(source.name).toBe('Files');
  expect(source.credential.status).toBe('pending');
  expect(authorization.authorizationUrl).toBe(
    `http://localhost:3000/authorize/${ids.authorization}`,
  );
});

test('a source backed by an authorized connection needs no authorization', async () => {
  const response = await post('/api/v1/sources', {
    connectorId: 'demo-chat',
    name: 'Channels',
    authorizedConnectionId: ids.connection,
  });
  expect(response.status).toBe(201);
  expect(((await response.json()) as { authorization: null }).authorization).toBeNull();
});

test('each entry point begins a renewal that returns to the page it started from', async () => {
  world.broker.renewals.length = 0;
  const paths = [
    `/api/v1/my-sources/${ids.source}/renewals`,
    `/api/v1/workspaces/${ids.workspace}/sources/${ids.source}/renewals`,
    `/api/v1/authorized-connections/${ids.connection}/renewals`,
  ];
  for (const path of paths) {
    // Without a body at all: everything in it is optional.
    const response = await world.fetch(path, { method: 'POST', as: ids.creator });
    expect(response.status, path).toBe(201);
  }
  expect(
    world.broker.renewals.map(({ entryPoint, returnTo }) => [entryPoint?.$case, returnTo]),
  ).toEqual([
    ['mySources', '/my-sources'],
    ['workspace', `/workspaces/${ids.workspace}`],
    ['authorizedConnections', '/authorized-connections'],
  ]);
});

test('switching the provider account is passed on as the choice it is', async () => {
  world.broker.renewals.length = 0;
  await post(`/api/v1/my-sources/${ids.source}/renewals`, { switchAccount: true });
  expect(world.broker.renewals[0]?.switchIdentity).toBe(true);
});

test('a source is deleted even when the broker is away', async () => {
  const response = await world.fetch(`/api/v1/sources/${ids.source}`, {
    method: 'DELETE',
    as: ids.creator,
  });
  expect(response.status).toBe(204);
});

test('a value that is none of those allowed is told once, with those that are', async () => {
  const response = await world.fetch('/api/v1/my-sources?status=red', { as: ids.creator });
  expect((await problemIn(response)).errors).toEqual([
    {
      pointer: '/status',
      detail: 'must be one of pending, healthy, expiring, delayed, expired, insufficient_scope',
    },
  ]);
});

test('a blank name is refused in words', async () => {
  const response = await post('/api/v1/sources', { connectorId: 'demo-drive', name: '   ' });
  expect((await problemIn(response)).errors).toEqual([
    { pointer: '/name', detail: 'must not be blank' },
  ]);
});

test.each([
  ['an unknown field', { connectorId: 'demo-drive', name: 'x', colour: 'red' }, '/colour'],
  ['a missing name', { connectorId: 'demo-drive' }, '/name'],
  ['an empty name', { connectorId: 'demo-drive', name: '' }, '/name'],
  ['a blank name', { connectorId: 'demo-drive', name: '   ' }, '/name'],
  ['a name that is too long', { connectorId: 'demo-drive', name: 'x'.repeat(101) }, '/name'],
  ['a name that is a number', { connectorId: 'demo-drive', name: 7 }, '/name'],
  [
    'a returnTo elsewhere',
    { connectorId: 'demo-drive', name: 'x', returnTo: '//evil.example' },
    '/returnTo',
  ],
  ['an array', [], ''],
  ['null', null, ''],
])('%s in a body is refused by its pointer', async (_what, body, pointer) => {
  const response = await post('/api/v1/sources', body);
  expect(response.status).toBe(400);
  const problem = await problemIn(response);
  expect(problem.code).toBe('INPUT_INVALID');
  expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
});

test('a connector that is not in the catalogue is 404 and names its field', async () => {
  const problem = await problemIn(
    await post('/api/v1/sources', { connectorId: 'nope', name: 'x' }),
  );
  expect(problem).toMatchObject({ status: 404, code: 'CONNECTOR_NOT_FOUND' });
});

test('a personal connector makes no authorized connection', async () => {
  const problem = await problemIn(
    await post('/api/v1/authorized-connections', { connectorId: 'demo-drive', name: 'x' }),
  );
  expect(problem).toMatchObject({ status: 400, errors: [{ pointer: '/connectorId' }] });
});

test.each([
  ['a page size of 0', 'pageSize=0', '/pageSize'],
  ['a page size of 201', 'pageSize=201', '/pageSize'],
  ['a page size that is no number', 'pageSize=many', '/pageSize'],
  ['an unknown status', 'status=broken', '/status'],
  ['an unknown parameter', 'colour=red', '/colour'],
  ['a page token that is too long', `pageToken=${'x'.repeat(501)}`, '/pageToken'],
])('%s in a query is refused by its pointer', async (_what, query, pointer) => {
  const response = await world.fetch(`/api/v1/my-sources?${query}`, { as: ids.creator });
  expect(response.status).toBe(400);
  const problem = await problemIn(response);
  expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
});

test.each([
  ['unknown', ids.unknown],
  ['no id at all', 'not-an-id'],
  ['too long', 'x'.repeat(90)],
  ['beyond any limit', 'x'.repeat(3000)],
  ['an encoded slash', '..%2F..%2Fme'],
])('a source id that is %s is 404', async (_what, id) => {
  const response = await world.fetch(`/api/v1/sources/${id}`, { as: ids.creator });
  expect((await problemIn(response)).status).toBe(404);
});

test.each([
  ['bad JSON', '{"name":', 'application/json', 400, 'BODY_NOT_JSON'],
  ['an empty body', '', 'application/json', 400, 'BODY_NOT_JSON'],
  ['a poisoned prototype', '{"__proto__":{"x":1}}', 'application/json', 400, 'BODY_NOT_JSON'],
  ['plain text', 'name=x', 'text/plain', 415, 'CONTENT_TYPE_UNSUPPORTED'],
  ['a form', 'name=x', 'application/x-www-form-urlencoded', 415, 'CONTENT_TYPE_UNSUPPORTED'],
  ['a malformed content type', '{}', 'json', 415, 'CONTENT_TYPE_UNSUPPORTED'],
  ['a body over 64 kB', `"${'x'.repeat(70_000)}"`, 'application/json', 413, 'BODY_TOO_LARGE'],
])('%s is refused', async (_what, body, type, status, code) => {
  const response = await world.fetch('/api/v1/sources', {
    method: 'POST',
    headers: { 'content-type': type },
    body,
    as: ids.creator,
  });
  expect(response.status).toBe(status);
  expect((await problemIn(response)).code).toBe(code);
});

test('an unknown address is 404 and a foreign method is 405 with Allow', async () => {
  const unknown = await world.fetch('/api/v1/nothing', { as: ids.creator });
  expect(await problemIn(unknown)).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND' });
  const method = await world.fetch('/api/v1/me', { method: 'DELETE', as: ids.creator });
  expect(await problemIn(method)).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
  expect(method.headers.get('allow')).toBe('GET, HEAD');
});

test.each([
  ['no HTTP at all', 'GARBAGE\r\n\r\n', 400],
  ['headers beyond any limit', `GET / HTTP/1.1\r\nX-Long: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
])('%s is answered with a problem document', async (_what, text, status) => {
  const { port, hostname } = new URL(world.address);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  expect(answer).toContain(`HTTP/1.1 ${status} `);
  expect(answer).toContain('application/problem+json');
});

test('an address with broken percent-encoding is refused', async () => {
  const response = await world.fetch('/api/v1/sources/%E0%A4%A', { as: ids.creator });
  expect((await problemIn(response)).status).toBe(400);
});

test('a service that is away is 503 with Retry-After, and one that breaks is 500 without its words', async () => {
  const away = await world.fetch('/api/v1/users', { as: ids.creator });
  expect((await problemIn(away)).status).toBe(503);
  expect(away.headers.get('retry-after')).toBe('1');

  world.logLines.length = 0;
  const broken = await startGatewayWorld({
    registry: {
      async listSources() {
        return { sources: [{ id: 'x' } as never], nextPageToken: '' };
      },
    },
  });
  const response = await broken.fetch('/api/v1/my-sources', { as: ids.creator });
  const text = await response.text();
  await broken.stop();
  expect(response.status).toBe(500);
  expect(text).toContain('INTERNAL_ERROR');
  expect(text).not.toContain('creator');
  expect(broken.logLines.filter((line) => line.includes('failed unexpectedly'))).toHaveLength(1);
});

test('a refusal is logged once, by its code', async () => {
  world.logLines.length = 0;
  await (await post('/api/v1/sources', { connectorId: 'demo-drive' })).text();
  await expect.poll(() => world.logLines.length).toBeGreaterThan(0);
  expect(world.logLines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 30, route: '/api/v1/sources', status: 400, problem: 'INPUT_INVALID' },
  ]);
});

test('the trace of the caller runs through to the log line, which has neither query nor cookie', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  world.logLines.length = 0;
  const response = await world.fetch('/api/v1/my-sources?pageToken=secret-token', {
    as: ids.creator,
    headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  });
  await response.text();
  await expect.poll(() => world.logLines.find((line) => line.includes('"request"'))).toBeTruthy();
  const line = world.logLines.find((entry) => entry.includes('"request"')) ?? '';
  expect(JSON.parse(line)).toMatchObject({
    method: 'GET',
    route: '/api/v1/my-sources',
    status: 200,
    trace_id: traceId,
  });
  expect(world.logLines.join('')).not.toContain('secret-token');
  expect(world.logLines.join('')).not.toContain('session=');
});
