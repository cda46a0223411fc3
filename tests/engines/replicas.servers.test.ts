import { createBearerToken } from '@credential-renewal/demo-provider';
import type { Authorization, Source } from '@credential-renewal/gateway/http-types';
import { NotificationServiceService } from '@credential-renewal/proto/notification/v1/notification';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import type { RpcClient } from '@credential-renewal/rpc';
import { afterAll, beforeAll, beforeEach, expect, vi } from 'vitest';
import { findBrokenSequences } from '../faults/event-history.ts';
import { eventsOf, readRecords, type TopicEvent } from '../processes/kafka-records.ts';
import { type ProcessProduct, startProcessProduct } from '../processes/process-product.ts';
import type { Replica } from '../processes/replica.ts';
import { startTraffic } from '../processes/steady-traffic.ts';
import { createDemoControls } from '../system/demo-controls.ts';
import { countersOf, setMode } from '../system/demo-grants.ts';
import { listenToEvents } from '../system/event-listener.ts';
import { type Person, signIn } from '../system/person.ts';
import { processesTest as test } from '../system/product.ts';
import { sumOf } from '../system/read-metrics.ts';
import { until } from '../system/until.ts';

/** From here on an hour's token is due for a refresh (5 to 6 minutes ahead) and still lives. */
const dueSeconds = 56 * 60;
const hourSeconds = 3_600;
const settleMs = 120_000;
/** How many credentials of the rotating provider there are. */
const rotating = 12;
const services = ['vault', 'registry', 'broker', 'notification'] as const;

let product: ProcessProduct;
let controls: ReturnType<typeof createDemoControls>;
let broker: RpcClient<typeof OauthBrokerServiceService>;
let notification: RpcClient<typeof NotificationServiceService>;
let ada: Person;

vi.setConfig({ testTimeout: 240_000 });

beforeAll(async () => {
  product = await startProcessProduct({
    DEMO_SOURCES: 'false',
    WORKER_INTERVAL_MS: '200',
    SWEEP_INTERVAL_MS: '200',
    DIGEST_WINDOW_MS: '1',
    KAFKA_SESSION_TIMEOUT_MS: '6000',
    // A replica leases as much again ahead of its places: more of them, and one would have all that is due.
    PROVIDER_CONCURRENCY: '2',
  });
  controls = createDemoControls(product.demoUrl);
  broker = product.connect(OauthBrokerServiceService, 'broker', {
    deadlineMs: 20_000,
  });
  notification = product.connect(NotificationServiceService, 'notification', {
    deadlineMs: 5_000,
  });
  ada = await signIn(product, 'ada');
  await addSources('revolve-box', 'revolve', rotating);
});
beforeEach(async () => {
  await product.startMissing();
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
/** Sources of accounts of their own, a few at a time. */
async function addSources(connectorId: string, provider: string, count: number) {
  const made: { account: string; source: Source }[] = [];
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      added += 1;
      const account = `person-${added}@${provider}.example`;
      const name = `${provider} ${added}`;
      made.push({ account, source: await ada.addSource({ connectorId, name }, account) });
    }
  };
  await Promise.all([lane(), lane(), lane()]);
  return made;
}

async function statuses(): Promise<string[]> {
  return (await ada.mySources()).map(({ credential }) => credential.status);
}

/** The episodes that mails have told of, in no order. */
async function toldEpisodes(): Promise<string[]> {
  const { mails } = await notification.listMails({ pageSize: 200, pageToken: '', to: '' });
  return mails.flatMap(({ episodeIds }) => episodeIds).sort();
}

/** Attempts at a provider so far, of each replica of the broker. */
async function attemptsAt(provider: string): Promise<number[]> {
  const attempts = new RegExp(`^refresh_attempts_total\\{[^}]*"${provider}"[^}]*\\} (\\d+)$`, 'gm');
  const count = async ({ internalUrl }: Replica) => {
    const text = await (await fetch(`${internalUrl}/metrics`)).text();
    return sum([...text.matchAll(attempts)].map(([, value]) => Number(value)));
  };
  return Promise.all(product.replicas('broker').map(count));
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

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
  const before = await countersOf(controls, 'revolve');
  // Slow enough that no replica has done all before the other looks.
  await setMode(controls, 'revolve', 'slow', { delayMs: 1_000 });
  await controls.advanceClock(dueSeconds);
  await until(async () => {
    const attempts = await attemptsAt('revolve');
    expect(sum(attempts)).toBe(rotating);
    expect(attempts.every((count) => count > 0)).toBe(true);
  }, settleMs);
  await setMode(controls, 'revolve', 'normal');
  expect(await statuses()).toEqual(Array(rotating).fill('healthy'));
  expect(await countersOf(controls, 'revolve')).toMatchObject({
    refreshes: before.refreshes + rotating,
    overlappingRefreshes: 0,
    spentTokenReuses: 0,
  });
});

test('what time alone changes is told once, though two vaults look', async () => {
  const own = await addSources('orchard-drive', 'orchard', 6);
  const ownStatuses = async () => {
    const ids = new Set(own.map(({ source }) => source.id));
    const all = await ada.mySources();
    return all.filter(({ id }) => ids.has(id)).map(({ credential }) => credential.status);
  };
  const mails = (await controls.mails()).length;
  const attempts = sum(await attemptsAt('revolve'));
  await setMode(controls, 'orchard', '500');
  await controls.advanceClock(hourSeconds);
  await until(async () => expect(await ownStatuses()).toEqual(own.map(() => 'delayed')), settleMs);
  // Until then no further step: a clock that jumps ends leases, and a token of these must not be sent twice.
  await until(async () => {
    expect(sum(await attemptsAt('revolve'))).toBe(attempts + rotating);
  }, settleMs);
  await setMode(controls, 'orchard', 'normal');
  await until(async () => {
    await controls.advanceClock(20);
    expect(await ownStatuses()).toEqual(own.map(() => 'healthy'));
  }, settleMs);
  // Of these alone: the clocks of the processes do not move at one moment, and a lease on one of the others that a vault gave just before
  // its own clock moved has ended an hour ago for it, which may show as a delay until the answer comes.
  const states = eventsOf(await readRecords(product.engines.kafka.brokers), 'credential.state');
  const histories = Map.groupBy(
    states.filter(({ data }) => (data as { providerId: string }).providerId === 'orchard'),
    ({ subject }) => subject,
  ).values();
  expect([...histories].map((events) => events.map(statusOf))).toEqual(
    own.map(() => ['HEALTHY', 'DELAYED', 'HEALTHY']),
  );
  expect(await controls.mails()).toHaveLength(mails);
});

test('while one replica of every service is killed, every death is told once and rotating credentials live on', async () => {
  const doomed = await addSources('orchard-drive', 'orchard', 16);
  const share = doomed.length / services.length;
  for (const [index, service] of services.entries()) {
    // In the middle of it: the workers report, and nothing waits for them.
    for (const { account } of doomed.slice(index * share, (index + 1) * share))
      await controls.withdraw('orchard', account);
    await present(product.replicas(service)[0]).end('SIGKILL');
  }
  // What the dead have claimed or leased runs out.
  await controls.advanceClock(31);
  await until(async () => {
    const dead = (await ada.mySources()).filter(({ credential }) => credential.episodeId !== null);
    expect(dead).toHaveLength(doomed.length);
    expect(await toldEpisodes()).toEqual(dead.map(({ credential }) => credential.episodeId).sort());
  }, settleMs);
  const living = (await statuses()).filter((status) => status === 'healthy');
  expect(living.length).toBeGreaterThanOrEqual(rotating);
  await expectUnbrokenSequences();
});

/** What people, pages and workers do all the time. */
async function startUsualTraffic() {
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
  /** What has been changed takes calls before the next is. */
  async function goesOn(): Promise<void> {
    const before = traffic.answered();
    await until(() => {
      for (const [lane, count] of Object.entries(traffic.answered()))
        expect(count).toBeGreaterThan((before[lane] ?? 0) + 20);
    }, settleMs);
  }
  return { ...traffic, goesOn };
}

test('while every replica is replaced in turn, no call fails', async () => {
  const traffic = await startUsualTraffic();
  for (const of of [...services, 'gateway'] as const) {
    for (const replica of product.replicas(of)) {
      await product.replace(replica);
      await traffic.goesOn();
    }
  }
  expect(await traffic.stop()).toEqual([]);
});

test('while every certificate is exchanged, no call fails, and who starts with a new one finds the others', {
  timeout: 480_000,
}, async () => {
  const traffic = await startUsualTraffic();
  await traffic.goesOn();
  const used = async () =>
    (await product.metrics()).map((text) =>
      sumOf([text], 'rpc_certificate_reloads_total', 'outcome="used"'),
    );
  const before = await used();
  product.certificates.renew();
  await until(async () => expect(await used()).toEqual(before.map((count) => count + 1)), settleMs);
  await traffic.goesOn();
  for (const of of ['vault', 'broker', 'gateway'] as const)
    await product.replace(present(product.replicas(of)[0]));
  await traffic.goesOn();
  expect(await traffic.stop()).toEqual([]);
});

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

const statusOf = ({ data }: TopicEvent) =>
  (data as { status: string }).status.replace('CREDENTIAL_STATUS_', '');

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there are two of each');
  return value;
}
