import { expect, test } from 'vitest';
import { startScriptedProvider } from '../testing/scripted-provider.ts';
import { isPrivateAddress } from './private-address.ts';
import { createProviderFetch } from './provider-http.ts';

const get = { method: 'GET', headers: {} };

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.31.255.255',
  '192.168.0.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::1%eth0',
  'fd00::1',
  '::ffff:127.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  'not an address',
])('%s is private', (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111'])(
  '%s is public',
  (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  },
);

test('a name that resolves to a private address is refused when it is connected to', async () => {
  const server = await startScriptedProvider();
  const lookups: string[] = [];
  const fetch = createProviderFetch({
    timeoutMs: 1_000,
    allowsPrivate: () => false,
    resolve(hostname, callback) {
      lookups.push(hostname);
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    },
  });
  const { port } = new URL(server.origin);
  await expect(fetch(`https://acme.provider.example:${port}/token`, get)).rejects.toMatchObject({
    code: 'address_forbidden',
    sent: false,
  });
  expect(lookups).toEqual(['acme.provider.example']);
  expect(server.requests).toEqual([]);
  await server.close();
});

test('one private address among public ones is enough to refuse', async () => {
  const fetch = createProviderFetch({
    timeoutMs: 1_000,
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

test('a private address written out and plain http are refused without a connection', async () => {
  const fetch = createProviderFetch({ timeoutMs: 1_000, allowsPrivate: () => false });
  const tryTo = (url: string) => fetch(url, get);
  await expect(tryTo('https://127.0.0.1/')).rejects.toMatchObject({ code: 'address_forbidden' });
  await expect(tryTo('https://[::1]/')).rejects.toMatchObject({ code: 'address_forbidden' });
  await expect(tryTo('http://provider.example/')).rejects.toMatchObject({
    code: 'scheme_forbidden',
  });
});

test('an answer over the limit is refused', async () => {
  const server = await startScriptedProvider();
  server.answerNext('/userinfo', (response) => void response.end('x'.repeat(2_000)));
  const fetch = createProviderFetch({
    timeoutMs: 1_000,
    allowsPrivate: () => true,
    maximumBytes: 1_000,
  });
  await expect(fetch(`${server.origin}/userinfo`, get)).rejects.toMatchObject({
    code: 'answer_too_large',
  });
  await server.close();
});
