import type { ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import {
  type Failure,
  Failure_Kind as Kind,
  type TokenSet,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { createGuardedFetch } from '@credential-renewal/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Provider } from '../catalogue/catalogue.ts';
import { askProvider } from '../refresh/ask-provider.ts';
import { catalogueEntry } from '../testing/broker-under-test.ts';
import {
  json,
  type ScriptedProvider,
  startScriptedProvider,
} from '../testing/scripted-provider.ts';
import { createProviderClient } from './provider-client.ts';

const httpTimeoutMs = 300;
let server: ScriptedProvider;
beforeAll(async () => {
  server = await startScriptedProvider();
});
afterAll(() => server.close());

function refresh(changes: object = {}, held: { refreshToken?: string } = { refreshToken: 'rt' }) {
  const provider = {
    ...catalogueEntry(server),
    client: {
      ...{ name: 'default', id: 'our-client', secret: 'planted-client-secret', values: {} },
      authentication: 'client_secret_basic',
    },
    ...changes,
  } as unknown as Provider;
  const granted = {
    ...{ fence: 1n, attempt: 1, sentTokenHash: '', clientId: '', providerId: 'orchard' },
    ...{ accountId: 'acme', accessToken: 'at', refreshToken: held.refreshToken },
  };
  return askProvider(createProviderClient(provider, { httpTimeoutMs }), granted, Date.now());
}

async function failure(changes?: object): Promise<Failure> {
  const word = await refresh(changes);
  if (word.$case !== 'failure') throw new Error(`expected a failure, got ${word.$case}`);
  return word.value;
}

async function tokens(answer: object): Promise<TokenSet> {
  server.answerNext('/token', json(200, answer));
  const word = await refresh();
  if (word.$case !== 'tokens') throw new Error(`expected tokens, got ${word.$case}`);
  return word.value;
}

const good = { access_token: 'at-new', token_type: 'bearer', refresh_token: 'rt-new' };
const raw =
  (status: number, headers: Record<string, string>, body: string | Buffer) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end(body);
const type = { 'content-type': 'application/json' };

/** A server that is none: whatever comes in, `say` decides what goes out. */
async function startBareServer(say: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const bare = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => say(socket));
  });
  await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
  const { port } = bare.address() as { port: number };
  return {
    host: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => bare.close(resolve));
    },
  };
}
const at = (host: string, scheme = 'http') => ({
  issuer: `${scheme}://${host}`,
  endpoints: { authorization: `${scheme}://${host}/a`, token: `${scheme}://${host}/token` },
  allowPrivateHosts: [host],
});

test.each([
  [
    'a connection that is reset',
    (socket: Socket) => void socket.resetAndDestroy(),
    'connection_lost',
  ],
  [
    'no HTTP at all',
    (socket: Socket) => void socket.end('220 mail.example ESMTP\r\n'),
    'connection_lost',
  ],
  [
    'headers without end',
    (socket: Socket) => void socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`),
    'connection_lost',
  ],
  [
    'hints and never an answer',
    (socket: Socket) => void socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(50)),
    'timeout',
  ],
  [
    'a length that is none',
    (socket: Socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n{}'),
    'connection_lost',
  ],
  [
    'chunks that are none',
    (socket: Socket) =>
      void socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'),
    'connection_lost',
  ],
])('%s is a lost answer, and no verdict', async (_, say, error) => {
  await using bare = await startBareServer(say);
  expect(await failure(at(bare.host))).toMatchObject({
    ...{ kind: Kind.TRANSIENT, error, httpStatus: 0, answerLost: true },
  });
});

test('a server that speaks no TLS was sent nothing', async () => {
  await using bare = await startBareServer((socket) => void socket.end('HTTP/1.1 400 Bad\r\n\r\n'));
  const { kind, error, answerLost } = await failure(at(bare.host, 'https'));
  expect({ kind, error, answerLost }).toEqual({
    ...{ kind: Kind.TRANSIENT, error: 'connection_failed', answerLost: false },
  });
});

test('a name that nobody knows was sent nothing', async () => {
  const fetch = createGuardedFetch({
    timeoutMs: httpTimeoutMs,
    allowsPrivate: () => false,
    resolve: (_, callback) => callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []),
  });
  await expect(
    fetch('https://gone.example/', { method: 'GET', headers: {} }),
  ).rejects.toMatchObject({
    code: 'connection_failed',
    sent: false,
    message: 'no connection (ENOTFOUND)',
  });
});

test('a body without end is given up by its size, however fast it comes', async () => {
  server.answerNext('/token', (response) => {
    response.writeHead(200, type);
    const pour = () => {
      while (response.writable && response.write('x'.repeat(65_536)));
      response.once('drain', pour);
    };
    pour();
  });
  expect(await failure()).toMatchObject({
    kind: Kind.TRANSIENT,
    error: 'answer_too_large',
    answerLost: true,
  });
});

test('a body that drips without end is given up by the clock', async () => {
  const startedMs = performance.now();
  server.answerNext('/token', (response) => {
    response.writeHead(200, type);
    const drip = setInterval(() => response.write(' '), 20);
    response.once('close', () => clearInterval(drip));
  });
  expect(await failure()).toMatchObject({
    kind: Kind.TRANSIENT,
    error: 'timeout',
    answerLost: true,
  });
  expect(performance.now() - startedMs).toBeGreaterThan(httpTimeoutMs - 20);
});

test.each([
  ['no object', raw(200, type, '[]')],
  ['null', raw(200, type, 'null')],
  ['a text', raw(200, type, '"invalid_grant"')],
  ['depth without bottom', raw(200, type, '['.repeat(500_000))],
  ['objects without bottom', raw(200, type, '{"a":'.repeat(150_000))],
  ['bytes that are no text', raw(200, type, Buffer.from([0xff, 0xfe, 0x00, 0x7b]))],
  [
    'packed though nobody asked',
    raw(200, { ...type, 'content-encoding': 'gzip' }, gzipSync(JSON.stringify(good))),
  ],
  ['nothing, with a 204', raw(204, {}, '')],
  ['a token that is a number', json(200, { ...good, access_token: 7 })],
  ['a token that is an object', json(200, { ...good, access_token: { a: 1 } })],
  ['a token that is a list', json(200, { ...good, access_token: ['at'] })],
  ['a token that is empty', json(200, { ...good, access_token: '' })],
  ['a token as long as a book', json(200, { ...good, access_token: 'x'.repeat(100_000) })],
])('a success that holds %s may hide new tokens, and is no verdict', async (_, answer) => {
  server.answerNext('/token', answer);
  expect(await failure()).toMatchObject({ kind: Kind.TRANSIENT, answerLost: true });
});

test.each([
  ['an error that is an object', { error: { message: 'invalid_grant' } }],
  ['an error that is a list', { error: ['invalid_grant'] }],
  ['an error that is a number', { error: 400 }],
  ['an error that is empty', { error: '' }],
  ['no error at all', { message: 'invalid_grant' }],
  ['an error as a prototype', JSON.parse('{"__proto__": {"error": "invalid_grant"}}')],
])('%s is no verdict', async (_, body) => {
  server.answerNext('/token', json(400, body));
  expect(await failure()).toMatchObject({ kind: Kind.TRANSIENT, httpStatus: 400 });
});

test('an error whose text is of another type is the error it is', async () => {
  server.answerNext('/token', json(400, { error: 'invalid_grant', error_description: { a: 1 } }));
  expect(await failure()).toMatchObject({ kind: Kind.GRANT_REFUSED, description: '' });
});

test('an error as long as a book is not repeated', async () => {
  server.answerNext(
    '/token',
    json(400, { error: 'x'.repeat(100_000), error_description: 'y '.repeat(100_000) }),
  );
  const { error, description } = await failure();
  expect(error).toBe('unreadable_error');
  expect(description.length).toBeLessThanOrEqual(500);
});

test.each([
  [3600, 3600n],
  ['3600', 3600n],
  [3599.9, 3599n],
  // Nothing usable: the documented life.
  [-1, 3600n],
  [0, 3600n],
  [0.5, 3600n],
  [null, 3600n],
  ['soon', 3600n],
  ['', 3600n],
  [true, 3600n],
  [{}, 3600n],
  [[60], 3600n],
  // Nothing lives longer than ten years.
  [1e300, 315_360_000n],
  [1_800_000_000_000, 315_360_000n],
])('expires_in %o', async (expires_in, seconds) => {
  const { expiresIn, refreshToken } = await tokens({ ...good, expires_in });
  expect(expiresIn?.seconds).toBe(seconds);
  expect(refreshToken).toBe('rt-new');
});

test.each([
  ['refresh_token_expires_in', -5, undefined],
  ['refresh_token_expires_in', 'x', undefined],
  ['refresh_token_expires_in', 1e40, 315_360_000n],
  ['refresh_expires_in', 60, 60n],
])('%s %o', async (name, value, seconds) => {
  const { refreshExpiresIn } = await tokens({ ...good, [name]: value });
  expect(refreshExpiresIn?.seconds).toBe(seconds);
});

test.each([7, ['rt'], { rt: 1 }, '', null, 'x'.repeat(100_000)])(
  'a refresh token that is none leaves the one we have: %o',
  async (refresh_token) => {
    const { accessToken, refreshToken } = await tokens({ ...good, refresh_token });
    expect(accessToken).toBe('at-new');
    expect(refreshToken).toBeUndefined();
  },
);

test.each([7, { a: 1 }, null, true])(
  'a scope that is none means as requested: %o',
  async (scope) => {
    expect((await tokens({ ...good, scope })).scopes).toEqual([]);
  },
);

test('tokens that come with a 201, or labelled as text, are tokens', async () => {
  for (const answer of [
    json(201, good),
    raw(200, { 'content-type': 'text/plain' }, JSON.stringify(good)),
  ]) {
    server.answerNext('/token', answer);
    expect((await refresh()).$case).toBe('tokens');
  }
});

test.each([
  ['a date that has passed', 'Sun, 03 May 2020 10:00:00 GMT', 0n],
  ['a date that is far', 'Sun, 03 May 2099 10:00:00 GMT', 86_400n],
  ['a year of seconds', '31536000', 86_400n],
  ['less than nothing', '-5', 0n],
  ['no number', 'NaN', undefined],
])('Retry-After with %s', async (_, value, seconds) => {
  server.answerNext('/token', json(503, {}, { 'retry-after': value }));
  expect((await failure()).retryAfter?.seconds).toBe(seconds);
});

test.each([
  ['no identifier', { email: 'ada@acme.example' }],
  ['an identifier that is an object', { sub: { id: 1 } }],
  ['an identifier as long as a book', { sub: 'x'.repeat(10_000) }],
  ['a list', []],
])('an identity answer with %s is no verdict', async (_, body) => {
  server.answerNext('/userinfo', json(200, body));
  const word = await refresh({}, {});
  expect(word).toMatchObject({ value: { kind: Kind.TRANSIENT, error: 'identity_missing' } });
});

const metadata = () => ({
  issuer: server.origin,
  authorization_endpoint: `${server.origin}/authorize`,
  token_endpoint: `${server.origin}/token`,
});
test.each([
  ['of another issuer', () => ({ ...metadata(), issuer: 'https://evil.example' })],
  [
    'that sends us to a private address',
    () => ({ ...metadata(), token_endpoint: 'https://169.254.169.254/token' }),
  ],
  [
    'that sends us away from TLS',
    () => ({ ...metadata(), token_endpoint: 'http://public.example/token' }),
  ],
  ['without a token endpoint', () => ({ ...metadata(), token_endpoint: undefined })],
])('a discovery %s leads nowhere', async (_, found) => {
  const before = server.count('/token');
  server.answerNext('/.well-known/openid-configuration', json(200, found()));
  expect(await failure({ endpoints: undefined })).toMatchObject({
    kind: Kind.TRANSIENT,
    answerLost: false,
  });
  expect(server.count('/token')).toBe(before);
});
