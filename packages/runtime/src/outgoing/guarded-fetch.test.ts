import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { expect, test } from 'vitest';
import { createAuthority } from '../testing/certificates.ts';
import { listenOnLoopback } from '../testing/loopback-server.ts';
import { createGuardedFetch } from './guarded-fetch.ts';

const get = { method: 'GET', headers: {} };
const timeoutMs = 5_000;
const authority = createAuthority('Ours');

/** An HTTPS server with a certificate for `provider.example`, which says what it is called, and keeps no connection after `/last`. */
async function startServer(name: string, place: { host?: string; port?: number } = {}) {
  const { certificate: cert, key } = authority.issue('provider.example');
  return listenOnLoopback(
    createTlsServer({ cert, key }, ({ url }, response) => {
      if (url === '/last') response.setHeader('connection', 'close');
      response.end(name);
    }),
    place,
  );
}

test('a name that resolves to a private address is refused when it is connected to', async () => {
  await using server = await startServer('private');
  const lookups: string[] = [];
  const fetch = createGuardedFetch({
    timeoutMs,
    allowsPrivate: () => false,
    resolve(hostname, callback) {
      lookups.push(hostname);
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    },
  });
  await expect(fetch(`https://acme.provider.example:${server.port}/`, get)).rejects.toMatchObject({
    code: 'address_forbidden',
    sent: false,
  });
  expect(lookups).toEqual(['acme.provider.example']);
  expect(server.connections()).toBe(0);
});

test('one private address among public ones is enough to refuse', async () => {
  const fetch = createGuardedFetch({
    timeoutMs,
    allowsPrivate: () => false,
    resolve: (_, callback) =>
      callback(null, [
        { address: '8.8.8.8', family: 4 },
        { address: '::1', family: 6 },
      ]),
  });
  await expect(fetch('https://provider.example/', get)).rejects.toMatchObject({
    code: 'address_forbidden',
  });
});

test('the address that is connected to is the one that was checked, whatever the name resolves to next', async () => {
  await using inside = await startServer('inside');
  await using outside = await startServer('outside', { host: '127.0.0.2', port: inside.port });
  let lookups = 0;
  const fetch = createGuardedFetch({
    timeoutMs,
    allowsPrivate: () => false,
    egress: { authorities: authority.certificate },
    // Stands in for the public internet, which a test does not speak to.
    isPrivate: (address) => address !== '127.0.0.2',
    resolve(_, callback) {
      lookups += 1;
      callback(null, [{ address: lookups === 1 ? '127.0.0.2' : '127.0.0.1', family: 4 }]);
    },
  });
  const url = `https://provider.example:${outside.port}/`;
  expect(await (await fetch(url, get)).text()).toBe('outside');
  // That connection is to an address that was checked.
  expect(await (await fetch(`${url}last`, get)).text()).toBe('outside');
  expect(lookups).toBe(1);
  await expect(fetch(url, get)).rejects.toMatchObject({ code: 'address_forbidden' });
  expect(outside.connections()).toBe(1);
  expect(inside.connections()).toBe(0);
});

test.each([
  'https://127.0.0.1:PORT/',
  'https://2130706433:PORT/',
  'https://0x7f.1:PORT/',
  'https://[::ffff:127.0.0.1]:PORT/',
  'https://[::ffff:7f00:1]:PORT/',
  'https://localhost:PORT/',
])('%s is refused without a connection', async (template) => {
  await using server = await startServer('private');
  const fetch = createGuardedFetch({ timeoutMs, allowsPrivate: () => false });
  const url = template.replace('PORT', String(server.port));
  await expect(fetch(url, get)).rejects.toMatchObject({ code: 'address_forbidden', sent: false });
  expect(server.connections()).toBe(0);
});

test('a metadata address and plain http are refused', async () => {
  const fetch = createGuardedFetch({ timeoutMs, allowsPrivate: () => false });
  const codeOf = (url: string) =>
    fetch(url, get).then(
      () => 'an answer',
      ({ code }) => code,
    );
  expect(await codeOf('https://169.254.169.254/latest/meta-data')).toBe('address_forbidden');
  expect(await codeOf('https://[fd00:ec2::254]/latest/meta-data')).toBe('address_forbidden');
  expect(await codeOf('http://provider.example/')).toBe('scheme_forbidden');
});

test('an operator allows one host with its port, and no other port of it', async () => {
  await using allowed = await startServer('allowed');
  await using other = await startServer('other');
  const fetch = createGuardedFetch({
    timeoutMs,
    allowsPrivate: ({ host }) => host === `localhost:${allowed.port}`,
    egress: { authorities: authority.certificate },
  });
  expect(await (await fetch(`https://localhost:${allowed.port}/`, get)).text()).toBe('allowed');
  await expect(fetch(`https://localhost:${other.port}/`, get)).rejects.toMatchObject({
    code: 'address_forbidden',
  });
  expect(other.connections()).toBe(0);
});

test('a redirect is an answer, and nobody follows it', async () => {
  await using trap = await listenOnLoopback(createServer((_, response) => void response.end()));
  await using server = await listenOnLoopback(
    createServer((_, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${trap.port}/` }).end();
    }),
  );
  const fetch = createGuardedFetch({ timeoutMs, allowsPrivate: () => true });
  const answer = await fetch(`http://127.0.0.1:${server.port}/`, get);
  expect(answer.status).toBe(307);
  expect(trap.connections()).toBe(0);
});

test('an answer over the limit is refused', async () => {
  await using server = await listenOnLoopback(
    createServer((_, response) => void response.end('x'.repeat(2_000))),
  );
  const fetch = createGuardedFetch({ timeoutMs, allowsPrivate: () => true, maximumBytes: 1_000 });
  await expect(fetch(`http://127.0.0.1:${server.port}/`, get)).rejects.toMatchObject({
    code: 'answer_too_large',
  });
});

test('a request that was given up before it began is not sent', async () => {
  await using server = await listenOnLoopback(createServer());
  const fetch = createGuardedFetch({ timeoutMs, allowsPrivate: () => true });
  const signal = AbortSignal.abort();
  await expect(fetch(`http://127.0.0.1:${server.port}/`, { ...get, signal })).rejects.toMatchObject(
    { code: 'timeout', sent: false },
  );
  expect(server.connections()).toBe(0);
});
