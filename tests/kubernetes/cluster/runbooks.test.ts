import { randomBytes } from 'node:crypto';
import type { Source } from '@credential-renewal/gateway/http-types';
import { afterAll, beforeAll, expect } from 'vitest';
import { createDemoControls } from '../../system/demo-controls.ts';
import { type Person, signIn } from '../../system/person.ts';
import { until } from '../../system/until.ts';
import { config } from '../config.ts';
import { applyRelease, chart, type Values } from '../helm.ts';
import { secret } from '../kubectl.ts';
import { type KubernetesProduct, startKubernetesProduct } from '../kubernetes-product.ts';
import { lane, enginesTest as test } from '../kubernetes-test.ts';
import { runCommand } from '../run-command.ts';

const settleMs = 180_000;
const release = 'test-credential-renewal';

let product: KubernetesProduct;
let controls: ReturnType<typeof createDemoControls>;
let ada: Person;

beforeAll(async () => {
  if (!lane.hasEngines || config.isOff) return;
  product = await startKubernetesProduct({ WORKER_INTERVAL_MS: '200', SWEEP_INTERVAL_MS: '200' });
  controls = createDemoControls(product.demoUrl);
  await product.demoSourcesMade();
  ada = await signIn(product, 'ada');
});
afterAll(() => product?.dispose());

/** A command of the product in a pod of a service, as the runbooks give it. */
function inPod(service: string, ...command: string[]): Promise<string> {
  const at = [`deployment/${release}-${service}`, '--container', service];
  return product.kubectl.run('exec', ...at, '--', 'node', ...command);
}

const rotate = (...flags: string[]) =>
  inPod('oauth-broker', 'services/credential-vault/src/rotate-keys.ts', ...flags);

const podsOf = (service: string) =>
  product.kubectl.get('pods', '--selector', `app.kubernetes.io/component=${service}`);

const namesOf = async (service: string) =>
  (await podsOf(service)).map(({ metadata }) => metadata.name);

async function readyzOf(service: string): Promise<string> {
  const [pod] = await podsOf(service);
  const path = `pods/${pod?.metadata.name}:9090/proxy/readyz`;
  return runCommand('kubectl', [
    ...['get', '--raw', `/api/v1/namespaces/${product.kubectl.namespace}/${path}`],
  ]);
}

async function sourceNamed(name: string): Promise<Source> {
  const found = (await ada.mySources()).find((source) => source.name === name);
  if (!found) throw new Error(`no source ${name}`);
  return found;
}

async function untilStatus(name: string, status: string): Promise<void> {
  await until(async () => {
    expect((await sourceNamed(name)).credential.status).toBe(status);
  }, settleMs);
}

async function renew(name: string, account: string): Promise<void> {
  const { id } = await sourceNamed(name);
  expect((await ada.renew(`/my-sources/${id}`, { account })).status).toBe('succeeded');
}

/**
 * helm upgrade of what the vault's pods start with, until none works by what was before: helm waits for the new pods, and not for those that go,
 * which answer and sweep until their drain is over, by the settings and keys that they had.
 */
async function upgradeVault(values: Values): Promise<void> {
  await product.upgrade(values);
  await until(async () => {
    const templates = (await podsOf('credential-vault')).map(
      ({ metadata }) => metadata.labels?.['pod-template-hash'],
    );
    expect(templates).toHaveLength(2);
    expect(new Set(templates).size).toBe(1);
  }, settleMs);
}

function withVaultSettings(settings: object): Promise<void> {
  const services = product.values['services'] as Record<string, object>;
  const vault = { ...services['credential-vault'], settings };
  return upgradeVault({ services: { ...services, 'credential-vault': vault } });
}

test('dead letters are listed in a pod', async () => {
  const main = 'packages/events/src/replay-dead-letters.main.ts';
  expect(await inPod('notification', main, '--group', 'notification', '--list')).toMatch(
    /no dead|0/i,
  );
});

test('holds are listed in a pod, and one that is none is said to be none', async () => {
  const holds = (...flags: string[]) =>
    inPod('oauth-broker', 'services/credential-vault/src/decide-holds.ts', ...flags);
  expect(await holds('--list')).toMatch(/^Nothing is held/);
  const unknown = 'orchard/our-client@2026-01-01T00:00:00.000Z';
  await expect(holds('--release', unknown, '--who', 'Jo', '--why', 'tried')).rejects.toThrow(
    /There is no hold/,
  );
});

test('keys are rotated while the vault serves, the outer one by a new line in its Secret', async () => {
  expect(await rotate('--status')).toMatch(/data key/i);
  await rotate('--data-key');
  const [found] = await product.kubectl.get(
    'secrets',
    '--field-selector',
    'metadata.name=vault-key',
  );
  const former = Buffer.from(found?.['data']['vault.key'], 'base64').toString();
  const lines = `${former}${randomBytes(32).toString('base64url')}\n`;
  await product.kubectl.apply(secret('vault-key', { 'vault.key': lines }));
  const podsBefore = await namesOf('credential-vault');
  // Nothing else has changed: the Secret alone replaces the vault's pods.
  await upgradeVault({});
  const podsAfter = await namesOf('credential-vault');
  expect(podsAfter.filter((name) => podsBefore.includes(name))).toEqual([]);
  await rotate('--key-encryption-key');
  await renew('Quarterly reports', 'ada@acme.example');
  await untilStatus('Quarterly reports', 'healthy');
});

test('while all brokers are away services stay ready, and tell what happened when they are back', async () => {
  const mails = (await controls.mails()).length;
  await product.kafka.kill();
  await until(async () => {
    expect(await readyzOf('credential-vault')).toContain('degraded: event log');
  }, settleMs);
  await controls.withdraw('orchard', 'ada@acme.example');
  await product.kafka.start();
  await untilStatus('Quarterly reports', 'expired');
  await until(async () => expect(await controls.mails()).toHaveLength(mails + 1), settleMs);
  await renew('Quarterly reports', 'ada@acme.example');
});

test('verdicts are paused by a value, and count again when it is taken back', async () => {
  await renew('Quarterly reports', 'ada@acme.example');
  await withVaultSettings({ VERDICTS: 'pause' });
  expect(await readyzOf('credential-vault')).toContain('degraded: verdicts');
  await controls.withdraw('orchard', 'ada@acme.example');
  await untilStatus('Quarterly reports', 'delayed');
  await withVaultSettings({});
  await untilStatus('Quarterly reports', 'expired');
  await renew('Quarterly reports', 'ada@acme.example');
});

test('a release that is installed again on its databases and Secrets has all it had; with another key it refuses to start', async () => {
  const { kubectl, values } = product;
  const { namespace } = kubectl;
  const names = (await ada.mySources()).map(({ name }) => name).sort();
  await runCommand('helm', ['uninstall', 'test', '--namespace', namespace, '--wait']);
  const [found] = await kubectl.get('secrets', '--field-selector', 'metadata.name=vault-key');
  const right = Buffer.from(found?.['data']['vault.key'], 'base64');
  await kubectl.apply(
    secret('vault-key', { 'vault.key': `${randomBytes(32).toString('base64url')}\n` }),
  );
  const install = (timeoutSeconds: number) =>
    applyRelease(['upgrade', '--install', 'test', chart], { namespace, values, timeoutSeconds });
  await expect(install(45)).rejects.toThrow();
  await until(async () => {
    const selector = ['--selector', 'app.kubernetes.io/component=credential-vault'];
    const said = await kubectl.run('logs', ...selector, '--tail', '20');
    expect(said).toContain('does not open data key');
  }, settleMs);
  await runCommand('helm', ['uninstall', 'test', '--namespace', namespace, '--wait']);
  await kubectl.apply(secret('vault-key', { 'vault.key': right }));
  await install(420);
  ada = await until(() => signIn(product, 'ada'), settleMs);
  expect((await ada.mySources()).map(({ name }) => name).sort()).toEqual(names);
  await controls.withdraw('orchard', 'ada@acme.example');
  await untilStatus('Quarterly reports', 'expired');
  await renew('Quarterly reports', 'ada@acme.example');
});
