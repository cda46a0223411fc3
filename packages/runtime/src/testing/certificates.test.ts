import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { createAuthority } from './certificates.ts';

test('an issued certificate is valid now, for loopback, from its authority alone', () => {
  const authority = createAuthority('Ours');
  const ca = new X509Certificate(authority.certificate);
  const server = new X509Certificate(authority.issue().certificate);
  expect(ca.ca).toBe(true);
  expect(server.ca).toBe(false);
  expect(server.verify(ca.publicKey)).toBe(true);
  expect(server.checkIssued(ca)).toBe(true);
  expect(server.checkHost('localhost')).toBe('localhost');
  expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(server.checkHost('example.org')).toBeUndefined();
  expect(server.validFromDate.getTime()).toBeLessThan(Date.now());
  expect(server.validToDate.getTime()).toBeGreaterThan(Date.now());
  const namesake = new X509Certificate(createAuthority('Ours').certificate);
  expect(server.verify(namesake.publicKey)).toBe(false);
});

test('OpenSSL accepts it over a connection', async () => {
  const authority = createAuthority('Ours');
  const { certificate: cert, key } = authority.issue();
  const server = createServer({ cert, key }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const trusting = connect({ port, host: '127.0.0.1', ca: authority.certificate });
  await once(trusting, 'secureConnect');
  const doubting = connect({ port, host: '127.0.0.1', ca: createAuthority('Ours').certificate });
  await expect(once(doubting, 'secureConnect')).rejects.toThrow();
  trusting.destroy();
  server.close();
});
