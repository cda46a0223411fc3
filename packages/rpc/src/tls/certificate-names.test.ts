import { X509Certificate } from 'node:crypto';
import { createAuthority } from '@credential-renewal/runtime/testing';
import { expect, test } from 'vitest';
import { namesInCertificate } from './certificate-names.ts';

const authority = createAuthority('Ours');

/** What a certificate with these names is read as, by way of a real one. */
function read(names: { dns?: string[]; uris?: string[] }) {
  const { subjectAltName } = new X509Certificate(authority.issueFor(names).certificate);
  return Object.fromEntries(namesInCertificate(subjectAltName));
}

const spiffe = 'spiffe://credential-renewal';

test('a service is named by its DNS name or by our URI', () => {
  expect(read({ dns: ['oauth-broker', 'oauth-broker.shop.svc'] })).toEqual({
    'oauth-broker': 'oauth-broker',
  });
  expect(read({ uris: [`${spiffe}/gateway`] })).toEqual({ gateway: 'gateway' });
});

test('a worker may have a name of its own, and a certificate several names', () => {
  expect(read({ dns: ['worker', 'operator'], uris: [`${spiffe}/worker/orders`] })).toEqual({
    worker: 'orders',
    operator: 'operator',
  });
});

test.each([
  ['a longer DNS name', { dns: ['oauth-broker.attacker.example', 'x.oauth-broker'] }],
  ['another trust domain', { uris: ['spiffe://elsewhere/oauth-broker'] }],
  ['a path below a name with more than one step', { uris: [`${spiffe}/worker/a/b`] }],
  ['a name of nobody', { dns: ['vault'], uris: [`${spiffe}/root`] }],
  ['a name in other letters', { dns: ['OAuth-Broker'] }],
  ['a name with a comma in it', { dns: ['x, DNS:oauth-broker'] }],
  ['a URI with a name within quotes', { uris: ['x", DNS:oauth-broker, URI:"'] }],
  ['an own name as a DNS name', { dns: ['worker/orders'] }],
  ['a worker whose own name is text', { uris: [`${spiffe}/worker/or<d>ers`] }],
])('%s names nobody', (_, names) => {
  expect(read(names)).toEqual({});
});

test('a certificate without names names nobody', () => {
  expect(namesInCertificate(undefined).size).toBe(0);
});
