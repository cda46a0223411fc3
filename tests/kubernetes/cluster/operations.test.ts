import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Authorization, Source } from '@credential-renewal/gateway/http-types';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { createRpcClient, type RpcClient } from '@credential-renewal/rpc';
import { afterAll, beforeAll, expect } from 'vitest';
import { findBrokenSequences } from '../../faults/event-history.ts';
import { eventsOf, readRecords } from '../../processes/kafka-records.ts';
import { type SteadyTraffic, startTraffic } from '../../processes/steady-traffic.ts';
import { createDemoControls } from '../../system/demo-controls.ts';
import { type Person, signIn } from '../../system/person.ts';
import { until } from '../../system/until.ts';
import { config } from '../config.ts';
import { figure } from '../figure.ts';
import { nextImage, splitImage } from '../images.ts';
import { type KubernetesProduct, startKubernetesProduct } from '../kubernetes-product.ts';
import { lane, enginesTest as test } from '../kubernetes-test.ts';
import { runCommand } from '../run-command.ts';

const settleMs = 180_000;
const components = [
  'credential-vault',
  'source-registry',
  'oauth-broker',
  'notification',
  'gateway',
];

let product: KubernetesProduct;
let controls: ReturnType<typeof createDemoControls>;
let broker: RpcClient<typeof OauthBrokerServiceService>;
let ada: Person;

beforeAll(async () => {
  if (!lane.hasEngines || config.isOff) return;
  product = await startKubernetesProduct({ WORKER_INTERVAL_MS: '200', SWEEP_INTERVAL_MS: '200' });
  controls = createDemoControls(product.demoUrl);
  broker = createRpcClient(OauthBrokerServiceService, product.address('broker'), {
    deadlineMs: 20_000,
  });
  await product.demoSourcesMade();
  ada = await signIn(product, 'ada');
});
afterAll(async () => {
  broker?.close();
  await product?.dispose();
});

async function sourceNamed(name: string): Promise<Source> {
  const found = (await ada.mySources()).find((source) => source.name === name);
  if (!found) throw new Error(`no source ${name}`);
  return found;
}

/** Between two calls of a lane: steady use, and no contest for the two cores that all of it runs on. */
const paceMs = 100;

const paced =
  <T>(call: () => Promise<T>) =>
  () =>
    call().finally(() => delay(paceMs));

/** What people and workers do, again and again: pages, a renewal that is begun and left, access tokens. */
async function startUse(): Promise<SteadyTraffic> {
  const source = await sourceNamed('Support tickets');
  const target = { $case: 'sourceId', value: source.id } as const;
  return startTraffic({
    lists: paced(() => ada.mySources()),
    reads: paced(() => ada.source(source.id)),
    renewals: paced(async () => {
      const path = `/api/v1/my-sources/${source.id}/renewals`;
      const { id } = await ada.call<Authorization>('POST', path, {});
      await ada.call('POST', `/api/v1/authorizations/${id}/cancel`);
    }),
    tokens: paced(() =>
      broker.getAccessToken({
        ...{ accountId: ada.me.account.id, target, worker: 'kubernetes-test' },
        minimumRemainingLife: undefined,
      }),
    ),
  });
}

/** A death and a renewal, as they go through all services. */
async function dieAndRenew(): Promise<void> {
  const source = await sourceNamed('Quarterly reports');
  await controls.withdraw('orchard', 'ada@acme.example');
  await until(async () => {
    expect((await ada.source(source.id)).credential.status).toBe('expired');
  }, settleMs);
  const outcome = await ada.renew(`/my-sources/${source.id}`, { account: 'ada@acme.example' });
  expect(outcome.status).toBe('succeeded');
}

/** Traffic goes on in every lane, and all of it was answered. */
async function expectNoFailure(traffic: SteadyTraffic): Promise<void> {
  const before = traffic.answered();
  await until(() => {
    for (const [one, count] of Object.entries(traffic.answered()))
      expect(count).toBeGreaterThan((before[one] ?? 0) + 5);
  }, settleMs);
  const failures = await traffic.stop();
  const late = failures.filter((failure) => failure.endsWith('504 DEADLINE_EXCEEDED'));
  figure('calls answered meanwhile', JSON.stringify({ ...traffic.answered(), late: late.length }));
  expect(failures.filter((failure) => !late.includes(failure))).toEqual([]);
  if (!isStarved()) expect(late).toEqual([]);
}

/**
 * Ten pods start within a minute here. Where many others wait for the same cores, a call may not get its share within the five seconds that the
 * gateway gives it: that is told, and says nothing about an upgrade.
 */
const isStarved = () => (loadavg()[0] ?? 0) > 8 * availableParallelism();

/** Each death is told by one event and one mail, and no number is missing in what any consumer reads. */
async function expectNothingLost(deaths: number): Promise<void> {
  await until(async () => expect(await controls.mails()).toHaveLength(deaths), settleMs);
  await until(async () => {
    const records = await readRecords(product.brokers);
    expect(eventsOf(records, 'credential.expired')).toHaveLength(deaths);
    expect(eventsOf(records, 'credential.renewed')).toHaveLength(deaths);
    for (const topic of ['credential.state', 'source.credential-state'])
      expect({ topic, broken: findBrokenSequences(eventsOf(records, topic)) }).toEqual({
        topic,
        broken: [],
      });
  }, settleMs);
}

async function imagesOfPods(): Promise<Set<string>> {
  const pods = await product.kubectl.get('pods', '--selector', 'app.kubernetes.io/instance=test');
  return new Set(pods.map(({ spec }) => spec.containers[0].image));
}

async function allAvailable(): Promise<void> {
  await product.kubectl.run(
    'wait',
    '--for=condition=Available',
    'deployment',
    '--all',
    '--timeout=240s',
  );
}

test('an upgrade to another image with traffic running loses no request and no event', async () => {
  const traffic = await startUse();
  const beganMs = performance.now();
  const upgrading = product.upgrade({ image: splitImage(nextImage(config.image)) });
  await dieAndRenew();
  await upgrading;
  figure('upgrade of ten pods', `${((performance.now() - beganMs) / 1000).toFixed(1)} s`);
  await expectNoFailure(traffic);
  await until(
    async () => expect(await imagesOfPods()).toEqual(new Set([nextImage(config.image)])),
    settleMs,
  );
  await expectNothingLost(1);
});

test('a rollback with traffic running loses nothing either, and leaves the former image', async () => {
  const traffic = await startUse();
  const rolling = runCommand('helm', [
    ...['rollback', 'test', '1', '--namespace', product.kubectl.namespace],
    ...['--wait', '--timeout', '420s'],
  ]);
  await dieAndRenew();
  await rolling;
  await expectNoFailure(traffic);
  await until(async () => expect(await imagesOfPods()).toEqual(new Set([config.image])), settleMs);
  await expectNothingLost(2);
});

test('a changed setting rolls the pods that read it and no other', async () => {
  const uids = async (component: string) => {
    const selector = `app.kubernetes.io/component=${component}`;
    const pods = await product.kubectl.get('pods', '--selector', selector);
    return pods.map(({ metadata }) => (metadata as { uid?: string }).uid).sort();
  };
  const [vault, gateway] = [await uids('credential-vault'), await uids('gateway')];
  const services = product.values['services'] as Record<string, { settings?: object }>;
  const settings = { ...services['credential-vault']?.settings, MAX_RETRY_DELAY_MS: 240_000 };
  await product.upgrade({
    services: { ...services, 'credential-vault': { ...services['credential-vault'], settings } },
  });
  await until(async () => {
    const now = await uids('credential-vault');
    expect(now).toHaveLength(2);
    expect(now.filter((uid) => vault.includes(uid))).toEqual([]);
  }, settleMs);
  expect(await uids('gateway')).toEqual(gateway);
});

test('pods that are deleted at random, one after the other, are missed by nobody', async () => {
  await allAvailable();
  const traffic = await startUse();
  for (const component of shuffled(components)) {
    const selector = `app.kubernetes.io/component=${component}`;
    const [pod] = shuffled(await product.kubectl.get('pods', '--selector', selector));
    await product.kubectl.run('delete', 'pod', pod?.metadata.name ?? '', '--wait=true');
    await allAvailable();
  }
  await expectNoFailure(traffic);
  await dieAndRenew();
  await expectNothingLost(3);
});

test('a pod of each service that is gone without a word is replaced, and nothing is lost', async () => {
  for (const component of components) {
    const selector = `app.kubernetes.io/component=${component}`;
    const [pod] = await product.kubectl.get('pods', '--selector', selector);
    await product.kubectl.run(
      'delete',
      'pod',
      pod?.metadata.name ?? '',
      '--force',
      '--grace-period=0',
    );
  }
  await allAvailable();
  ada = await until(() => signIn(product, 'ada'), settleMs);
  await dieAndRenew();
  await expectNothingLost(4);
});

test('after helm uninstall nothing of the release is left', async () => {
  const { kubectl } = product;
  await runCommand('helm', ['uninstall', 'test', '--namespace', kubectl.namespace, '--wait']);
  const kinds = (await kubectl.run('api-resources', '--verbs=list', '--namespaced', '-o', 'name'))
    .trim()
    .split('\n')
    .filter((kind) => !kind.startsWith('events'));
  await until(async () => {
    const left = await kubectl.get(
      kinds.join(','),
      '--selector',
      'app.kubernetes.io/instance=test',
    );
    expect(left.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([]);
  }, settleMs);
});

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
