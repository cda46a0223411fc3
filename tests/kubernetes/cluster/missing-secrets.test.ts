import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect } from 'vitest';
import { config } from '../config.ts';
import { chart, external } from '../helm.ts';
import { createNamespace, secret } from '../kubectl.ts';
import { lane, clusterTest as test } from '../kubernetes-test.ts';
import { tryCommand } from '../run-command.ts';

type Namespace = Awaited<ReturnType<typeof createNamespace>>;

let namespace: Namespace;

beforeAll(async () => {
  if (lane.hasCluster && !config.isOff) namespace = await createNamespace();
});
afterAll(() => namespace?.remove());

/** What helm says of an installation that the server only looks at. */
async function tryInstall(...more: string[]): Promise<string> {
  const { code, stderr } = await tryCommand('helm', [
    ...['install', 'test', chart, '--namespace', namespace.namespace, '--values', external],
    ...['--dry-run=server', ...more],
  ]);
  return code === 0 ? '' : stderr;
}

const vaultKey = () => ({ 'vault.key': `${randomBytes(32).toString('base64url')}\n` });
const passwords = {
  'credential-vault': 'a',
  'source-registry': 'b',
  'oauth-broker': 'c',
  notification: 'd',
};

test('each Secret that is missing is named with the value that asks for it, until all are there', async () => {
  const sentences = [];
  for (const next of [
    secret('credential-renewal-clients', { 'google-client-secret': 'x' }),
    secret('credential-renewal-mongodb', passwords),
    secret('credential-renewal-vault-key', vaultKey()),
    secret('credential-renewal-session-key', { 'session.key': randomBytes(32) }),
    secret('credential-renewal-identity-provider', { 'client-secret': 'x' }),
  ]) {
    sentences.push(/([\w.]+): there is no Secret "([\w-]+)"/.exec(await tryInstall())?.slice(1));
    await namespace.apply(next);
  }
  expect(sentences).toEqual([
    ['catalogue.clientSecrets.existingSecret', 'credential-renewal-clients'],
    ['mongodb.passwords.existingSecret', 'credential-renewal-mongodb'],
    ['keyEncryptionKey.file.existingSecret', 'credential-renewal-vault-key'],
    ['sessionKey.existingSecret', 'credential-renewal-session-key'],
    ['identityProvider.clientSecret.existingSecret', 'credential-renewal-identity-provider'],
  ]);
  expect(await tryInstall()).toBe('');
});

test('a TLS secret without a key is named', async () => {
  const names = [...Object.keys(passwords), 'gateway'];
  for (const name of names)
    await namespace.apply(secret(`${name}-tls`, { 'tls.crt': 'x', 'tls.key': 'x', 'ca.crt': 'x' }));
  await namespace.apply(secret('notification-tls', { 'tls.crt': 'x', 'ca.crt': 'x' }));
  const certificates = names.map((name) => `tls.existingSecrets.${name}=${name}-tls`).join(',');
  expect(await tryInstall('--set', `tls.enabled=true,${certificates}`)).toMatch(
    /tls\.existingSecrets\.notification: the Secret "notification-tls" .* has no key "tls\.key"/,
  );
});

test('the API server itself takes every object, to the last field', async () => {
  const rendered = await tryCommand('helm', [
    ...['template', 'test', chart, '--namespace', namespace.namespace, '--values', external],
    ...['--set', 'services.gateway.autoscaling.enabled=true'],
  ]);
  const args = [
    '--namespace',
    namespace.namespace,
    'apply',
    '--dry-run=server',
    '--validate=strict',
  ];
  const { code, stderr } = await tryCommand('kubectl', [...args, '-f', '-'], rendered.stdout);
  expect({ code, warnings: stderr }).toEqual({ code: 0, warnings: '' });
});
