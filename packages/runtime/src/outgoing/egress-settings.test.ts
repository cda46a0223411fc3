import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readSettings } from '../settings.ts';
import { createAuthority } from '../testing/certificates.ts';
import { readEgressSettings } from './egress-settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'egress-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string): string {
  writeFileSync(join(directory, name), content);
  return join(directory, name);
}
const read = (env: Record<string, string>) => readSettings(env, readEgressSettings);
const { certificate } = createAuthority('Ours');

test('nothing is set: no proxy, no authority but those of Node', () => {
  expect(read({})).toEqual({ proxy: undefined, authorities: undefined });
});

test('proxy, credentials and authorities are read', () => {
  const twice = `# ours\n${certificate}${certificate}`;
  const settings = read({
    EGRESS_PROXY_URL: 'http://proxy.example:3128',
    EGRESS_PROXY_CREDENTIALS_FILE: file('credentials', 'broker:with:colons\n'),
    EGRESS_CA_FILE: file('ca.pem', twice),
  });
  expect(settings.authorities).toBe(twice);
  expect(settings.proxy).toEqual({
    host: 'proxy.example',
    port: 3128,
    authorization: `Basic ${Buffer.from('broker:with:colons').toString('base64')}`,
  });
  expect(read({ EGRESS_PROXY_URL: 'http://[::1]' }).proxy).toMatchObject({ host: '::1', port: 80 });
});

test.each<[Record<string, string>, string]>([
  [{ EGRESS_PROXY_URL: 'socks5://proxy' }, 'EGRESS_PROXY_URL must be a URL that begins with http:'],
  [
    { EGRESS_PROXY_URL: 'http://user:planted@proxy:3128' },
    'EGRESS_PROXY_URL must not hold a user or a password: they belong in EGRESS_PROXY_CREDENTIALS_FILE',
  ],
  [
    { EGRESS_PROXY_URL: 'http://proxy:3128/path' },
    'EGRESS_PROXY_URL must be an origin such as http://proxy.example:3128',
  ],
  [
    { EGRESS_PROXY_CREDENTIALS_FILE: file('alone', 'user:planted') },
    'EGRESS_PROXY_CREDENTIALS_FILE is only for a proxy in EGRESS_PROXY_URL',
  ],
  [
    {
      EGRESS_PROXY_URL: 'http://proxy:3128',
      EGRESS_PROXY_CREDENTIALS_FILE: file('no-colon', 'planted'),
    },
    'EGRESS_PROXY_CREDENTIALS_FILE must name a file that holds user:password',
  ],
  [
    { EGRESS_CA_FILE: join(directory, 'absent') },
    'EGRESS_CA_FILE names a file that cannot be read (ENOENT)',
  ],
  [
    { EGRESS_CA_FILE: file('key.pem', createAuthority('Ours').issue().key) },
    'EGRESS_CA_FILE must name a file of certificates in PEM',
  ],
  [
    { EGRESS_CA_FILE: file('cut.pem', certificate.replace(/\n[^\n]+\n/, '\n')) },
    'EGRESS_CA_FILE must name a file of certificates in PEM',
  ],
])('%j is refused at start by name, without its value', (env, problem) => {
  expect(() => read(env)).toThrow(expect.objectContaining({ problems: [problem] }));
});
