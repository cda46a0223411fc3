import { createBearerToken } from '@credential-renewal/demo-provider';
import type { Authorization } from '@credential-renewal/gateway/http-types';
import { NotificationServiceService } from '@credential-renewal/proto/notification/v1/notification';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { createRpcClient, type RpcClient } from '@credential-renewal/rpc';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { findBrokenSequences } from '../faults/event-history.ts';
import { eventsOf, readRecords } from '../processes/kafka-records.ts';
import { type ProcessProduct, startProcessProduct } from '../processes/process-product.ts';
import { startTraffic } from '../processes/steady-traffic.ts';
import { createDemoControls } from '../system/demo-controls.ts';
import { countersOf, setMode } from '../system/demo-grants.ts';
import { listenToEvents } from '../system/event-listener.ts';
import { type Person, signIn } from '../system/person.ts';
import { processesTest as test } from '../system/product.ts';
import { until } from '../system/until.ts';

/** From here on an hour's token is due for a refresh (5 to 6 minutes ahead) and still lives. */
const dueSeconds = 56 * 60;
const settleMs = 60_000;
const services = ['vault', 'registry', 'broker', 'notification'] as const;

let product: ProcessProduct;
let controls: ReturnType<typeof createDemoControls>;
let broker: RpcClient<typeof OauthBrokerServiceService>;
let notification: RpcClient<typeof NotificationServiceService>;
let ada: Person;

beforeAll(async () => {
  product = await startProcessProduct({
    DEMO_SOURCES: 'false',
    WORKER_INTERVAL_MS: '200',
    SWEEP_INTERVAL_MS: '200',
    DIGEST_WINDOW_MS: '1',
    REFRESH_HTTP_TIMEOUT_MS: '2000',
    REFRESH_LEASE_MS: '5000',
    KAFKA_SESSION_TIMEOUT_MS: '6000',
  });
  controls = createDemoControls(product.demoUrl);
  broker = createRpcClient(OauthBrokerServiceService, product.address('broker'), {
    deadlineMs: 20_000,
  });
  notification = createRpcClient(NotificationServiceService, product.address('notification'), {
    deadlineMs: 5_000,
  });
});
beforeEach(async () => {
  // The clock moves by hours here, and sessions end.
  ada = await signIn(product, 'ada');
  await controls.post('/worker', { paused: false });
});
afterAll(async () => {
  broker?.close();
  notification?.close();
  await product?.dispose();
});

let added = 0;
/** Sources of accounts of their own, made side by side. */
async function addSources(connectorId: string, provider: string, count: number) {
  const made = Array.from({ length: count }, async () => {
    added += 1;
    const account = `person-${added}@${provider}.example`;
    const name = `${provider} ${added}`;
    return { account, source: await ada.addSource({ connectorId, name }, account) };
  });
  return Promise.all(made);
}

async function statuses(): Promise<string[]> {
  return (await ada.mySources()).map(({ credential }) => credential.status);
}

/** The episodes that mails have told of, in no order. */
async function toldEpisodes(): Promise<string[]> {
  const { mails } = await notification.listMails({ pageSize: 200, pageToken: '', to: '' });
  return mails.flatMap(({ episodeIds }) => episodeIds).sort();
}

/** What a process has counted, the labels aside. */
async function metricOf({ internalUrl }: { internalUrl: string }, name: string): Promise<number> {
  const text = await (await fetch(`${internalUrl}/metrics`)).text();
  const values = text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'));
  return [...values].reduce((sum, [, value]) => sum + Number(value), 0);
}

async function expectUnbrokenSequences(): Promise<void> {
  const records = await readRecords(product.engines.kafka.brokers);
  for (const topic of ['credential.state', 'credential.expired', 'source.credential-state']) {
    const events = eventsOf(records, topic);
    expect(events.length).toBeGreaterThan(0);
    expect({ topic, broken: findBrokenSequences(events) }).toEqual({ topic, broken: [] });
  }
}

test('credentials that fall due together are refreshed by both replicas of the broker, each by one token request', async () => {
  await controls.post('/worker', { paused: true });
  await addSources('revolve-box', 'revolve', 30);
  const before = await countersOf(controls, 'revolve');
  // Slow enough that no replica can do all before the other has looked.
  await setMode(controls, 'revolve', 'slow', { delayMs: 300 });
  await controls.advanceClock(dueSeconds);
  await until(async () => {
    const now = await countersOf(controls, 'revolve');
    expect(now.refreshes - before.refreshes).toBe(30);
  }, settleMs);
  await setMode(controls, 'revolve', 'normal');
  const attempts = () =>
    Promise.all(product.replicas('broker').map((one) => metricOf(one, 'refresh_attempts_total')));
  await until(async () => {
    const counts = await attempts();
    expect(counts.reduce((sum, count) => sum + count)).toBe(30);
    expect(counts.every((count) => count > 0)).toBe(true);
  });
  expect(await statuses()).toEqual(Array(30).fill('healthy'));
  const after = await countersOf(controls, 'revolve');
  expect(after).toMatchObject({
    refreshes: before.refreshes + 30,
    overlappingRefreshes: 0,
    spentTokenReuses: 0,
  });
});

test('what time alone changes is told once, though two vaults look', async () => {
  await setMode(controls, 'revolve', '500');
  await controls.advanceClock(3_600);
  await until(async () => expect(await statuses()).toEqual(Array(30).fill('delayed')), settleMs);
  await setMode(controls, 'revolve', 'normal');
  await until(async () => {
    await controls.advanceClock(60);
    expect(await statuses()).toEqual(Array(30).fill('healthy'));
  }, settleMs);
  const records = await readRecords(product.engines.kafka.brokers);
  const byCredential = Map.groupBy(eventsOf(records, 'credential.state'), ({ subject }) => subject);
  for (const [, events] of byCredential)
    expect(events.map(({ data }) => statusIn(data))).toEqual(['HEALTHY', 'DELAYED', 'HEALTHY']);
});

test('while one replica of every service is killed, every death is told once and a rotating credential lives on', async () => {
  const doomed = await addSources('orchard-drive', 'orchard', 40);
  const quarter = doomed.length / services.length;
  for (const [index, service] of services.entries()) {
    const accounts = doomed.slice(index * quarter, (index + 1) * quarter);
    for (const { account } of accounts) await controls.withdraw('orchard', account);
    // In the middle of it: the workers have begun to report, and nothing waits for that.
    await product.replicas(service)[0]?.end('SIGKILL');
  }
  await until(async () => {
    // Claims of the dead run out by the product's clock.
    await controls.advanceClock(10);
    const dead = (await ada.mySources()).filter(({ credential }) => credential.episodeId !== null);
    expect(dead).toHaveLength(doomed.length);
    expect(await toldEpisodes()).toEqual(dead.map(({ credential }) => credential.episodeId).sort());
  }, settleMs);
  expect((await statuses()).filter((status) => status === 'healthy')).toHaveLength(30);
  await expectUnbrokenSequences();
  await Promise.all(
    services.map((service) => product.start(present(product.replicas(service)[0]))),
  );
}, 240_000);

test('while every replica is replaced in turn, no call fails', async () => {
  const [source] = (await ada.mySources()).filter(
    ({ credential }) => credential.status === 'healthy',
  );
  if (!source) throw new Error('a healthy source');
  const renewals = `/api/v1/my-sources/${source.id}/renewals`;
  const target = { $case: 'sourceId', value: source.id } as const;
  const traffic = startTraffic({
    lists: () => ada.mySources(),
    reads: () => ada.source(source.id),
    renewals: async () => {
      const { id } = await ada.call<Authorization>('POST', renewals, {});
      await ada.call('POST', `/api/v1/authorizations/${id}/cancel`);
    },
    tokens: () =>
      broker.getAccessToken({
        ...{ accountId: ada.me.account.id, target, worker: 'replicas-test' },
        minimumRemainingLife: undefined,
      }),
  });
  for (const of of [...services, 'gateway'] as const) {
    for (const replica of product.replicas(of)) {
      const before = traffic.answered();
      await product.replace(replica);
      // What has been replaced takes calls before the next one goes.
      await until(() => {
        for (const [lane, count] of Object.entries(traffic.answered()))
          expect(count).toBeGreaterThan((before[lane] ?? 0) + 20);
      });
    }
  }
  expect(await traffic.stop()).toEqual([]);
}, 240_000);

test('pages at either gateway hear of a change; one that comes back to the other is told to read again', async () => {
  const [{ account, source }] = (await addSources('orchard-drive', 'orchard', 1)) as [
    Awaited<ReturnType<typeof addSources>>[number],
  ];
  const token = await createBearerToken(`${product.demoUrl}/identity`, 'ada');
  const gateways = product.gatewayUrls.map((gatewayUrl) => ({ gatewayUrl }));
  const listeners = await Promise.all(gateways.map((gateway) => listenToEvents(gateway, token)));
  await controls.withdraw('orchard', account);
  for (const { heard } of listeners) {
    await until(() =>
      expect(heard.map(({ data }) => [data.sourceId, data.status])).toContainEqual([
        source.id,
        'expired',
      ]),
    );
  }
  const lastIds = listeners.map((listener) => listener.lastId());
  for (const listener of listeners) listener.stop();
  const elsewhere = await listenToEvents(present(gateways[1]), token, lastIds[0]);
  await until(() => expect(elsewhere.heard[0]).toMatchObject({ event: 'reset' }));
  elsewhere.stop();
});

const statusIn = (data: unknown) =>
  (data as { status: string }).status.replace('CREDENTIAL_STATUS_', '');

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there are two of each');
  return value;
}
