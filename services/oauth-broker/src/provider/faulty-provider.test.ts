import type { ServerResponse } from 'node:http';
import {
  type Failure,
  Failure_Kind as Kind,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Provider } from '../catalogue/catalogue.ts';
import { askProvider, type ProviderWord } from '../refresh/ask-provider.ts';
import { catalogueEntry } from '../testing/broker-under-test.ts';
import {
  json,
  type ScriptedProvider,
  startScriptedProvider,
} from '../testing/scripted-provider.ts';
import { createProviderClient } from './provider-client.ts';

let server: ScriptedProvider;
beforeAll(async () => {
  server = await startScriptedProvider();
});
afterAll(() => server.close());

function refresh(
  quirks: Record<string, unknown> = {},
  sentToken = 'rt-planted-0123456789',
): Promise<ProviderWord> {
  const provider = {
    ...catalogueEntry(server),
    client: {
      ...{ name: 'default', id: 'our-client', secret: 'planted-client-secret', values: {} },
      authentication: 'client_secret_basic',
    },
    ...quirks,
  } as unknown as Provider;
  const granted = {
    ...{ fence: 1n, attempt: 1, sentTokenHash: '', clientId: '', providerId: 'orchard' },
    ...{ accountId: 'acme', accessToken: 'at-planted', refreshToken: sentToken },
  };
  return askProvider(createProviderClient(provider, { httpTimeoutMs: 150 }), granted, Date.now());
}

async function failure(quirks?: Record<string, unknown>): Promise<Failure> {
  const word = await refresh(quirks);
  if (word.$case !== 'failure') throw new Error(`expected a failure, got ${word.$case}`);
  return word.value;
}

const text =
  (status: number, type: string, body: string, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': type, ...headers }).end(body);
  };
const good = { access_token: 'at-new', token_type: 'bearer' };

test.each([
  ['a 500', json(500, {}), Kind.TRANSIENT, 500, false],
  ['a 503 with an OAuth error', json(503, { error: 'invalid_grant' }), Kind.TRANSIENT, 503, false],
  [
    'a gateway timeout may hide an answer',
    text(504, 'text/html', '<p>'),
    Kind.TRANSIENT,
    504,
    true,
  ],
  ['HTML with status 200', text(200, 'text/html', '<p>login'), Kind.TRANSIENT, 200, true],
  ['HTML with status 403', text(403, 'text/html', '<p>no'), Kind.TRANSIENT, 403, false],
  ['half of a JSON', text(200, 'application/json', '{"access_to'), Kind.TRANSIENT, 200, true],
  ['a 200 without a token', json(200, { ok: true }), Kind.TRANSIENT, 200, true],
  ['a redirect', text(302, 'text/html', '', { location: '/userinfo' }), Kind.TRANSIENT, 302, false],
  [
    'a challenge',
    json(401, {}, { 'www-authenticate': 'Basic realm="x"' }),
    Kind.TRANSIENT,
    401,
    false,
  ],
  [
    'a challenge beside the OAuth error',
    json(401, { error: 'invalid_client' }, { 'www-authenticate': 'Basic realm="x"' }),
    Kind.CLIENT_REFUSED,
    401,
    false,
  ],
  [
    'a wrong secret, as Keycloak says it',
    json(401, { error: 'unauthorized_client' }),
    Kind.CLIENT_REFUSED,
    401,
    false,
  ],
  ['a refused grant', json(400, { error: 'invalid_grant' }), Kind.GRANT_REFUSED, 400, false],
  [
    'a refused grant, as Atlassian says it',
    json(403, { error: 'invalid_grant' }),
    Kind.GRANT_REFUSED,
    403,
    false,
  ],
] as const)('%s', async (_, answer, kind, httpStatus, answerLost) => {
  server.answerNext('/token', answer);
  expect(await failure()).toMatchObject({ kind, httpStatus, answerLost });
});

test('a 429 says when to come back', async () => {
  server.answerNext('/token', json(429, {}, { 'retry-after': '7' }));
  expect(await failure()).toMatchObject({
    kind: Kind.TRANSIENT,
    httpStatus: 429,
    retryAfter: { seconds: 7n },
  });
});

test('a redirect of the token endpoint is not followed', async () => {
  const before = server.count('/userinfo');
  server.answerNext(
    '/token',
    text(307, 'text/html', '', { location: `${server.origin}/userinfo` }),
  );
  await failure();
  expect(server.count('/userinfo')).toBe(before);
});

test('a connection that breaks after the request is a lost answer', async () => {
  server.answerNext('/token', (response) => void response.destroy());
  expect(await failure()).toMatchObject({
    kind: Kind.TRANSIENT,
    error: 'connection_lost',
    httpStatus: 0,
    answerLost: true,
  });
});

test('an answer that ends early is a lost answer', async () => {
  server.answerNext('/token', (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
    response.write('{"access_token":');
    setImmediate(() => response.destroy());
  });
  expect(await failure()).toMatchObject({ error: 'connection_lost', answerLost: true });
});

test.each([
  ['never begins', () => undefined],
  [
    'never ends',
    (response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"access');
    },
  ],
])('an answer that %s is given up and is a lost answer', async (_, answer) => {
  server.answerNext('/token', answer);
  expect(await failure()).toMatchObject({
    kind: Kind.TRANSIENT,
    error: 'timeout',
    httpStatus: 0,
    answerLost: true,
  });
});

test('a provider that nobody answers for was sent nothing', async () => {
  const closed = await startScriptedProvider();
  await closed.close();
  const failed = await failure(catalogueEntry(closed));
  expect(failed).toMatchObject({ error: 'connection_failed', httpStatus: 0, answerLost: false });
});

test('a discovery that fails is no word about the grant', async () => {
  const failed = await failure({ endpoints: undefined });
  expect(failed).toMatchObject({ kind: Kind.TRANSIENT, answerLost: false });
  expect(server.count('/.well-known/oauth-authorization-server')).toBe(1);
});

test('an error inside a 200 is one, with the status that was sent', async () => {
  const slack = {
    errors: { inside200: { ok: '/ok', error: '/error' } },
    verdicts: [{ error: 'token_revoked', class: 'dead' }],
  };
  server.answerNext('/token', json(200, { ok: false, error: 'token_revoked' }));
  expect(await failure(slack)).toMatchObject({
    kind: Kind.GRANT_REFUSED,
    error: 'token_revoked',
    httpStatus: 200,
    reasonCode: 'access_withdrawn',
  });
  server.answerNext('/token', json(200, { ok: false, error: 'internal_error' }));
  expect(await failure(slack)).toMatchObject({ kind: Kind.TRANSIENT, error: 'internal_error' });
  server.answerNext('/token', json(200, { ok: true, ...good }));
  expect((await refresh(slack)).$case).toBe('tokens');
});

test('unusable optional members do not cost the tokens beside them', async () => {
  server.answerNext(
    '/token',
    json(200, {
      ...{ access_token: 'at-new', refresh_token: 'rt-new', id_token: 'no JWT' },
      ...{ expires_in: 'soon', scope: ['files.read', 'profile'] },
    }),
  );
  const word = await refresh();
  expect(word).toMatchObject({
    $case: 'tokens',
    value: { accessToken: 'at-new', refreshToken: 'rt-new', scopes: ['files.read', 'profile'] },
  });
});

test('a description that repeats what was sent is redacted', async () => {
  server.answerNext(
    '/token',
    json(400, {
      error: 'invalid_grant',
      error_description: 'rt-planted-0123456789 with planted-client-secret of ada@acme.example',
    }),
  );
  const { description } = await failure();
  expect(description).toBe('[redacted] with [redacted] of [redacted]');
});
