import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@credential-renewal/runtime';
import {
  createAuthority,
  listenOnLoopback,
  startConnectProxy,
} from '@credential-renewal/runtime/testing';
import { expect, onTestFinished, test } from 'vitest';
import type { Provider } from '../catalogue/catalogue.ts';
import { readOauthBrokerConfig } from '../config.ts';
import { revoke } from '../disconnect/revoke.ts';
import { askIdentity } from './identity.ts';
import { createProviderClient, type ProviderClient } from './provider-client.ts';

const httpTimeoutMs = 5_000;
const nowMs = 1_800_000_000_000;

/** A provider whose endpoints all lie below `base`. */
function providerAt(base: string, changes: Partial<Record<keyof Provider, unknown>> = {}) {
  const { host } = new URL(base);
  return {
    ...{ id: 'orchard', name: 'Orchard Drive', issuer: base },
    endpoints: {
      ...{ authorization: `${base}/authorize`, token: `${base}/token` },
      ...{ revocation: `${base}/revoke`, userinfo: `${base}/userinfo` },
      introspection: `${base}/introspect`,
    },
    client: {
      ...{ name: 'default', id: 'our-client', secret: 'planted-client-secret', values: {} },
      authentication: 'client_secret_basic',
    },
    accessToken: { introspect: true },
    identity: { kind: 'user', call: 'userinfo', key: '/sub', label: '/sub' },
    verdicts: [],
    allowPrivateHosts: [host],
    ...changes,
  } as unknown as Provider;
}

const revocable = (client: ProviderClient) => ({
  ...{ token: 'at', tokenTypeHint: 'access_token' },
  endpoint: client.provider.endpoints?.revocation ?? '',
});
const context = { clock: systemClock, random: () => 0 };

/** Every call that leaves the broker. Each throws, or answers so that nobody can take it for a success. */
const calls: Record<string, (client: ProviderClient) => Promise<unknown>> = {
  discovery: (client) =>
    createProviderClient(
      { ...client.provider, endpoints: undefined },
      { httpTimeoutMs },
    ).configuration(),
  token: (client) => client.refresh('rt', nowMs),
  async introspection(client) {
    const tokens = await client.tokensOf({ access_token: 'at', token_type: 'bearer' }, nowMs);
    if (tokens.expiresIn === undefined) throw new Error('its life is not known');
  },
  async identity(client) {
    const answer = await askIdentity(client, 'at', nowMs);
    if (answer.kind !== 'known') throw new Error(answer.kind);
  },
  revocation: (client) => revoke(client, revocable(client), context),
  'revocation with a bearer token': (client) =>
    revoke(
      {
        ...client,
        provider: { ...client.provider, revocation: { authentication: 'bearer', ends: 'grant' } },
      },
      revocable(client),
      context,
    ),
};
const names = Object.keys(calls);

test.each(names)('a redirect of %s is not followed', async (name) => {
  await using trap = await listenOnLoopback(createServer((_, response) => void response.end('{}')));
  await using server = await listenOnLoopback(
    createServer((_, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${trap.port}/` }).end();
    }),
  );
  const provider = providerAt(`http://127.0.0.1:${server.port}`, {
    allowPrivateHosts: [`127.0.0.1:${server.port}`, `127.0.0.1:${trap.port}`],
  });
  await expect(calls[name]?.(createProviderClient(provider, { httpTimeoutMs }))).rejects.toThrow();
  expect(server.connections()).toBe(1);
  expect(trap.connections()).toBe(0);
});

test.each(names)('a private address gets no %s request, by name or written out', async (name) => {
  await using server = await listenOnLoopback(createServer());
  for (const host of ['localhost', '127.0.0.1', '[::ffff:127.0.0.1]']) {
    const provider = providerAt(`https://${host}:${server.port}`, {
      // Another port of the same host is no leave for this one.
      allowPrivateHosts: [`${host}:1`],
    });
    const client = createProviderClient(provider, { httpTimeoutMs });
    await expect(calls[name]?.(client), host).rejects.toThrow();
  }
  expect(server.connections()).toBe(0);
});

test('a discovery document cannot lead a token request into the network', async () => {
  await using inside = await listenOnLoopback(createServer());
  await using issuer = await listenOnLoopback(
    createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          issuer: `http://127.0.0.1:${issuer.port}`,
          authorization_endpoint: 'https://provider.example/authorize',
          token_endpoint: `https://localhost:${inside.port}/token`,
        }),
      );
    }),
  );
  const provider = providerAt(`http://127.0.0.1:${issuer.port}`, { endpoints: undefined });
  const client = createProviderClient(provider, { httpTimeoutMs });
  await client.configuration();
  await expect(client.refresh('rt', nowMs)).rejects.toMatchObject({
    cause: { code: 'address_forbidden', sent: false },
  });
  expect(inside.connections()).toBe(0);
});

test('as the environment says, every call goes through the proxy to a provider of an own authority', async () => {
  const authority = createAuthority('Ours');
  const { certificate: cert, key } = authority.issue('8.8.8.8');
  const asked: string[] = [];
  await using provider = await listenOnLoopback(
    createTlsServer({ cert, key }, (request, response) => {
      asked.push(request.url ?? '');
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          ...{ access_token: 'at-new', token_type: 'bearer', sub: 'ada', active: true },
          ...{ issuer: base, exp: nowMs / 1000 + 3_600, client_id: 'our-client' },
          ...{ authorization_endpoint: `${base}/authorize`, token_endpoint: `${base}/token` },
        }),
      );
    }),
  );
  const base = 'https://8.8.8.8';
  await using proxy = await startConnectProxy({
    portOf: () => provider.port,
    credentials: 'broker:planted-password',
  });
  const { egress } = readOauthBrokerConfig(environment(proxy.port, authority.certificate));
  const client = createProviderClient(providerAt(base, { allowPrivateHosts: [] }), {
    ...{ httpTimeoutMs, egress },
  });
  const ways = names.filter((name) => name !== 'discovery');
  for (const name of ways) await calls[name]?.(client);
  await createProviderClient(
    { ...client.provider, endpoints: undefined },
    { httpTimeoutMs, egress },
  ).configuration();
  for (const path of ['/token', '/introspect', '/userinfo', '/revoke'])
    expect(asked).toContain(path);
  expect(asked).toContain('/.well-known/openid-configuration');
  expect(new Set(proxy.targets)).toEqual(new Set(['8.8.8.8:443']));
  expect(proxy.targets).toHaveLength(asked.length);
});

function environment(proxyPort: number, certificate: string) {
  const directory = mkdtempSync(join(tmpdir(), 'broker-egress-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = (name: string, content: string) => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };
  return {
    LISTEN_ADDRESS: 'unix:/run/broker',
    STORE_URL: 'sqlite:broker.db',
    VAULT_ADDRESS: 'unix:/run/vault',
    REGISTRY_ADDRESS: 'unix:/run/registry',
    PUBLIC_URL: 'https://product.example',
    CATALOGUE_DIRECTORY: 'catalogue',
    EGRESS_PROXY_URL: `http://127.0.0.1:${proxyPort}`,
    EGRESS_PROXY_CREDENTIALS_FILE: file('credentials', 'broker:planted-password\n'),
    EGRESS_CA_FILE: file('ca.pem', certificate),
  };
}
