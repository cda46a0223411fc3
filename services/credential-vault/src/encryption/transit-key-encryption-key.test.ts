import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeTransit, newKey, startFakeTransit } from '../testing/fake-transit.ts';
import { selfSignedCertificate } from '../testing/self-signed-certificate.ts';
import type { KeyEncryptionKey } from './key-encryption-key.ts';
import type { TransitSettings } from './key-settings.ts';
import { createTransitKeyEncryptionKey } from './transit-key-encryption-key.ts';

let directory: string;
let transit: FakeTransit;
let outer: KeyEncryptionKey;
const dataKey = randomBytes(32);

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'transit-'));
  writeFileSync(join(directory, 'token'), 'hvs.first\n');
  transit = await startFakeTransit();
  outer = open();
});
afterEach(async () => {
  await transit.stop();
  rmSync(directory, { recursive: true });
});

function open(overrides: Partial<TransitSettings> = {}): KeyEncryptionKey {
  return createTransitKeyEncryptionKey({
    kind: 'transit',
    origin: transit.origin,
    mount: 'transit',
    keyName: 'vault',
    tokenFile: join(directory, 'token'),
    namespace: undefined,
    caFile: undefined,
    timeoutMs: 2_000,
    ...overrides,
  });
}

describe.each([
  ['a plain', false],
  ['a derived', true],
])('with %s key', (_, derived) => {
  beforeEach(() => transit.keys.set('vault', newKey(derived)));

  test('what was wrapped is unwrapped, and only with its context', async () => {
    const wrapped = await outer.wrap(dataKey, 'kid-1');
    expect(wrapped).toMatch(/^transit:[\w-]{12}:vault:v1:/);
    expect(await outer.unwrap(wrapped, 'kid-1')).toEqual(dataKey);
    await expect(outer.unwrap(wrapped, 'kid-2')).rejects.toMatchObject({ code: 'KEY_MISMATCH' });
  });

  test('a newer version wraps from now on, and older ones still open', async () => {
    const before = await outer.wrap(dataKey, 'kid-1');
    await outer.makeNewer?.();
    const after = await outer.wrap(dataKey, 'kid-1');
    expect(outer.versionOf(after)).not.toBe(outer.versionOf(before));
    expect(outer.versionOf(after)).toMatch(/:vault:v2$/);
    expect(await outer.unwrap(before, 'kid-1')).toEqual(dataKey);
    expect(await outer.unwrap(after, 'kid-1')).toEqual(dataKey);
  });
});

test('another key in the place of this one has other versions, though they have equal numbers', async () => {
  transit.keys.set('other', newKey(false));
  const other = open({ keyName: 'other' });
  const [ours, theirs] = [await outer.wrap(dataKey, 'kid'), await other.wrap(dataKey, 'kid')];
  expect(outer.versionOf(ours)).not.toBe(other.versionOf(theirs));
  await expect(outer.unwrap(theirs, 'kid')).rejects.toMatchObject({ code: 'KEY_MISMATCH' });
});

test('what a file key has wrapped is not even sent', async () => {
  await expect(outer.unwrap('local:id:c2VhbGVk', 'kid')).rejects.toMatchObject({
    code: 'KEY_MISMATCH',
  });
  expect(transit.requests).toEqual([]);
});

test('the token and the namespace go along, and a token that was renewed in its file is used', async () => {
  transit.namespace = 'team/prod';
  outer = open({ namespace: 'team/prod' });
  const wrapped = await outer.wrap(dataKey, 'kid');
  transit.tokens = new Set(['hvs.second']);
  writeFileSync(join(directory, 'token'), 'hvs.second');
  expect(await outer.unwrap(wrapped, 'kid')).toEqual(dataKey);
});

test('a refused token is told with its file, never with itself', async () => {
  transit.tokens = new Set(['hvs.other']);
  const error: Error = await outer.wrap(dataKey, 'kid').catch((refusal) => refusal);
  expect(error).toMatchObject({ code: 'KEY_SERVICE_REFUSED' });
  expect(error.message).toContain(join(directory, 'token'));
  expect(error.message).not.toContain('hvs.');
  expect(transit.requests).toHaveLength(1);
});

test('a token file that is not there is told by name', async () => {
  rmSync(join(directory, 'token'));
  await expect(outer.wrap(dataKey, 'kid')).rejects.toMatchObject({
    code: 'KEY_SERVICE_REFUSED',
    message: expect.stringMatching(/token.*ENOENT/),
  });
});

test('a policy that allows no rotation is told as such', async () => {
  transit.refusedPaths.add('keys/vault/rotate');
  await expect(outer.makeNewer?.()).rejects.toMatchObject({
    code: 'KEY_SERVICE_REFUSED',
    message: expect.stringContaining('keys/<key>/rotate'),
  });
});

test('a lost key is told as missing, and not made anew by reading', async () => {
  const wrapped = await outer.wrap(dataKey, 'kid');
  transit.keys.delete('vault');
  transit.mayCreate = true;
  await expect(outer.unwrap(wrapped, 'kid')).rejects.toMatchObject({ code: 'KEY_MISSING' });
  expect(transit.keys.size).toBe(0);
});

test.each([
  ['a mount', { mount: 'elsewhere' }, /no such key or mount/],
  ['a key', { keyName: 'elsewhere' }, /no such key or mount/],
])('%s that is not there is told when a key is wrapped', async (_, overrides, message) => {
  await expect(open(overrides).wrap(dataKey, 'kid')).rejects.toMatchObject({
    code: 'KEY_SERVICE_REFUSED',
    message: expect.stringMatching(message),
  });
});

test.each([
  [
    '429',
    {
      status: 429,
      headers: { 'retry-after': '0' },
      body: '{"errors":["rate limit quota exceeded"]}',
    },
  ],
  ['500', { status: 500, body: '{"errors":["internal error"]}' }],
  ['503', { status: 503, body: '{"errors":["Vault is sealed"]}' }],
  ['a cut connection', 'cut' as const],
  ['200 without JSON', { status: 200, body: '<html>' }],
  ['200 that is endless', { status: 200, body: `"${'x'.repeat(70_000)}"` }],
])('%s is tried again', async (_, answer) => {
  transit.script = [answer];
  const wrapped = await outer.wrap(dataKey, 'kid');
  expect(await outer.unwrap(wrapped, 'kid')).toEqual(dataKey);
});

test('a sealed server is told as sealed after a few tries', async () => {
  transit.sealed = true;
  await expect(outer.wrap(dataKey, 'kid')).rejects.toMatchObject({
    code: 'KEY_SERVICE_UNAVAILABLE',
    message: expect.stringMatching(/sealed/),
  });
  expect(transit.requests.length).toBeGreaterThan(1);
});

test('a server that says nothing is given up in time, and named', async () => {
  transit.script = ['hang', 'hang', 'hang', 'hang'];
  await expect(open({ timeoutMs: 50 }).wrap(dataKey, 'kid')).rejects.toMatchObject({
    code: 'KEY_SERVICE_UNAVAILABLE',
    message: expect.stringMatching(/did not answer in time/),
  });
});

test('a standby server’s redirect is not followed: the token is for the host that was named', async () => {
  const elsewhere = await startFakeTransit();
  const location = `${elsewhere.origin}/v1/transit/encrypt/vault`;
  transit.script = Array.from({ length: 4 }, () => ({ status: 307, headers: { location } }));
  await expect(outer.wrap(dataKey, 'kid')).rejects.toMatchObject({
    message: expect.stringMatching(/name the active one/),
  });
  expect(elsewhere.requests).toEqual([]);
  await elsewhere.stop();
});

test('over TLS the server must show a certificate of the authority in the file', async () => {
  await transit.stop();
  const certificate = selfSignedCertificate();
  transit = await startFakeTransit(certificate);
  const caFile = join(directory, 'ca.pem');
  writeFileSync(caFile, certificate.certificate);
  const wrapped = await open({ caFile }).wrap(dataKey, 'kid');
  expect(await open({ caFile }).unwrap(wrapped, 'kid')).toEqual(dataKey);
  writeFileSync(caFile, selfSignedCertificate().certificate);
  await expect(open({ caFile }).wrap(dataKey, 'kid')).rejects.toMatchObject({
    code: 'KEY_SERVICE_UNAVAILABLE',
    message: expect.stringMatching(/certificate/),
  });
});
