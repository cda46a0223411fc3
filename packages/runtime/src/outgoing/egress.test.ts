import { createServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { expect, test } from 'vitest';
import { createAuthority } from '../testing/certificates.ts';
import { startConnectProxy } from '../testing/connect-proxy.ts';
import { listenOnLoopback } from '../testing/loopback-server.ts';
import type { EgressProxy } from './egress-settings.ts';
import { createGuardedFetch } from './guarded-fetch.ts';

const authority = createAuthority('Ours');
const url = 'https://provider.example/token';
const post = { method: 'POST', headers: {}, body: 'refresh_token=planted' };

/** The provider, behind a certificate of our own authority. */
async function startProvider() {
  const { certificate: cert, key } = authority.issue('provider.example');
  const bodies: string[] = [];
  const server = createServer({ cert, key }, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    bodies.push(`${request.method} ${request.headers.host}${request.url} ${body}`);
    response.end('tokens');
  });
  return Object.assign(await listenOnLoopback(server), { bodies });
}

type Answer = { error?: string; address?: string };

function fetchThrough(
  proxy: Partial<EgressProxy> & { port: number },
  options: { resolves?: Answer; authorities?: string; allows?: string; timeoutMs?: number } = {},
) {
  const { resolves = { error: 'ENOTFOUND' }, authorities = authority.certificate } = options;
  return createGuardedFetch({
    timeoutMs: options.timeoutMs ?? 5_000,
    allowsPrivate: ({ host }) => host === options.allows,
    egress: { proxy: { host: '127.0.0.1', ...proxy }, authorities },
    resolve(_, callback) {
      const { error, address } = resolves;
      if (error) callback(Object.assign(new Error(error), { code: error }), []);
      else callback(null, [{ address: address ?? '', family: 4 }]);
    },
  });
}

const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;

test('a provider is reached through the proxy by name, and the proxy reads nothing of it', async () => {
  await using provider = await startProvider();
  await using proxy = await startConnectProxy({
    portOf: () => provider.port,
    credentials: 'broker:planted-password',
  });
  const fetch = fetchThrough({ port: proxy.port, authorization: basic('broker:planted-password') });
  expect(await (await fetch(url, post)).text()).toBe('tokens');
  expect(proxy.targets).toEqual(['provider.example:443']);
  expect(provider.bodies).toEqual(['POST provider.example/token refresh_token=planted']);
});

test.each([
  ['credentials that the proxy does not know', basic('broker:wrong'), 443, 'answered 407'],
  ['a host that the proxy refuses', basic('broker:right'), 8443, 'answered 403'],
])(
  '%s: nothing was sent, and the message says who refused',
  async (_, authorization, port, why) => {
    await using provider = await startProvider();
    await using proxy = await startConnectProxy({
      portOf: (target) => (target.endsWith(':443') ? provider.port : undefined),
      credentials: 'broker:right',
    });
    const fetch = fetchThrough({ port: proxy.port, authorization });
    await expect(fetch(`https://provider.example:${port}/token`, post)).rejects.toMatchObject({
      code: 'proxy_refused',
      sent: false,
      message: `the egress proxy ${why}`,
    });
    expect(provider.connections()).toBe(0);
  },
);

test.each([
  ['written out', 'https://10.0.0.1/', {}],
  ['of a name that resolves here', url, { address: '169.254.169.254' }],
])('a private address %s is not even asked of the proxy', async (_, target, resolves) => {
  await using proxy = await startConnectProxy({ portOf: () => undefined });
  const fetch = fetchThrough({ port: proxy.port }, { resolves });
  await expect(fetch(target, post)).rejects.toMatchObject({ code: 'address_forbidden' });
  expect(proxy.connections()).toBe(0);
});

test('a private host that an operator allows lies in the own network and is reached without the proxy', async () => {
  await using provider = await startProvider();
  await using proxy = await startConnectProxy({ portOf: () => provider.port });
  const allows = `localhost:${provider.port}`;
  const fetch = fetchThrough({ port: proxy.port }, { allows });
  expect((await fetch(`https://${allows}/`, post)).status).toBe(200);
  expect(proxy.connections()).toBe(0);
});

test('a certificate of an authority that nobody configured, or of another name, ends it before anything is sent', async () => {
  await using provider = await startProvider();
  await using proxy = await startConnectProxy({ portOf: () => provider.port });
  const foreign = createAuthority('Foreign').certificate;
  const doubting = fetchThrough({ port: proxy.port }, { authorities: foreign });
  await expect(doubting(url, post)).rejects.toMatchObject({
    code: 'connection_failed',
    sent: false,
  });
  const trusting = fetchThrough({ port: proxy.port });
  await expect(trusting('https://other.example/', post)).rejects.toMatchObject({
    message: 'no connection (ERR_TLS_CERT_ALTNAME_INVALID)',
    sent: false,
  });
  expect(provider.bodies).toEqual([]);
});

test('a proxy that is away, says nothing, or talks before TLS does is told from a lost answer', async () => {
  const gone = await listenOnLoopback(createTcpServer());
  await gone.close();
  await expect(fetchThrough({ port: gone.port })(url, post)).rejects.toMatchObject({
    message: 'no connection to the egress proxy (ECONNREFUSED)',
    sent: false,
  });
  await using silent = await listenOnLoopback(createTcpServer());
  await expect(
    fetchThrough({ port: silent.port }, { timeoutMs: 100 })(url, post),
  ).rejects.toMatchObject({ code: 'timeout', sent: false });
  await using hasty = await listenOnLoopback(
    createTcpServer((socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nnot TLS')),
  );
  await expect(fetchThrough({ port: hasty.port })(url, post)).rejects.toMatchObject({
    code: 'proxy_refused',
    sent: false,
  });
});
