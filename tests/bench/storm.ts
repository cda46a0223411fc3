import { setTimeout as wait } from 'node:timers/promises';
import { type BrokerProcess, startBrokerProcess } from '../faults/refresh/broker-process.ts';
import { accountId, authorize } from '../faults/refresh/first-authorization.ts';
import { type RefreshWorld, startRefreshWorld } from '../faults/refresh/refresh-world.ts';
import { planVaultProcess } from '../faults/refresh/vault-process.ts';
import type { Measured } from './figure.ts';
import { cpuMsOf } from './process-cpu.ts';
import { percentile } from './statistics.ts';
import { eachOf, fillVault } from './vault-without-server.ts';

const bound = 20;
/** Deadlines in so many steps, further apart than the jitter of a refresh. */
const steps = 100;
const stepSeconds = 120;
const hourMs = 3_600_000;
const readsAfter = 500;

/**
 * So many refreshes due at once, the broker and the vault in processes of their own, against a provider that answers after so long and
 * is asked 20 times at a time at most. Meanwhile somebody reads a token that needs no refresh.
 */
export async function measureStorm(credentials: number, latencyMs: number): Promise<Measured> {
  const stepOf = (index: number) => (index * 37) % steps;
  const vault = await planVaultProcess({ usualHeap: true });
  await using world = await startRefreshWorld({
    ...{ credentials: 0, graceSeconds: 0, expiresInSeconds: 24 * 3_600, startVault: vault.start },
  });
  const { provider, clock } = world;
  await world.stopVault();
  // The last one is the one that is read.
  const lifeSeconds = (index: number) =>
    index === credentials ? 24 * 3_600 : 600 + stepOf(index) * stepSeconds;
  await authorizeAll(world, credentials + 1, lifeSeconds);
  provider.beforeAnswer = () => wait(latencyMs);
  clock.advance(5 * hourMs);
  await world.startVault();
  const broker = await startBrokerProcess(world, {
    ...{ providerConcurrency: bound, sweepIntervalMs: 5_000, measured: true },
  });

  const cpuMs = () => ({ broker: cpuMsOf(broker.pid()), vault: cpuMsOf(vault.pid()) });

  const during: number[] = [];
  while (provider.tokenRequests() === 0) during.push(await timeRead(world, broker));
  const startedMs = performance.now();
  const before = cpuMs();
  while (provider.tokenRequests() < credentials) {
    during.push(await timeRead(world, broker));
    await wait(10);
  }
  const tookMs = performance.now() - startedMs + latencyMs;
  const used = cpuMs();
  const after: number[] = [];
  while (after.length < readsAfter) after.push(await timeRead(world, broker));

  const asked = provider.asked().map((grant) => Number(grant.slice('grant-'.length)));
  return toMeasured({
    ...{ credentials, latencyMs, tookMs, during, after },
    boundUsed: provider.underWayMs() / (bound * tookMs),
    mostAtOnce: provider.mostAtOnce(),
    twice: asked.length - new Set(asked).size,
    early: countEarly(asked.map(stepOf)),
    brokerCpuMs: (used.broker - before.broker) / credentials,
    vaultCpuMs: (used.vault - before.vault) / credentials,
  });
}

async function authorizeAll(
  { directory, clock, provider, credentials }: RefreshWorld,
  count: number,
  lifeSeconds: (index: number) => number,
): Promise<void> {
  process.stderr.write(`  authorizing ${count} credentials\n`);
  // However long it takes, deadlines are as far apart as they are meant to be.
  const startMs = clock.nowMs();
  await fillVault(directory, { nowMs: () => startMs }, (vault) =>
    eachOf(Array(count).keys(), async (index) => {
      const options = { vault, provider, graceSeconds: 0, lifeSeconds: lifeSeconds(index) };
      credentials[index] = await authorize(options);
    }),
  );
}

function toMeasured(storm: {
  credentials: number;
  latencyMs: number;
  tookMs: number;
  /** Of the time for which the provider would have let us have all its places, the share in which they were taken. */
  boundUsed: number;
  mostAtOnce: number;
  twice: number;
  early: number;
  during: number[];
  after: number[];
  /** For each refresh. */
  brokerCpuMs: number;
  vaultCpuMs: number;
}): Measured {
  const { credentials, latencyMs, tookMs, boundUsed, twice, early, brokerCpuMs, vaultCpuMs } =
    storm;
  const pace = (credentials * latencyMs) / (bound * tookMs);
  const [p99During, p99After] = [percentile(storm.during, 0.99), percentile(storm.after, 0.99)];
  return {
    lines: [
      `${credentials} due refreshes took ${(tookMs / 1_000).toFixed(1)} s: ${boundUsed.toFixed(3)} of the bound of ${bound} used (goal at least 0.95)`,
      `as a share of the pace of a provider that never answers later than after ${latencyMs} ms: ${pace.toFixed(3)}`,
      `most at once: ${storm.mostAtOnce}; refreshed twice: ${twice}; before a nearer deadline: ${early}`,
      `reads meanwhile: p99 ${p99During.toFixed(1)} ms; afterwards ${p99After.toFixed(1)} ms`,
      `CPU of each refresh: broker ${brokerCpuMs.toFixed(2)} ms, vault ${vaultCpuMs.toFixed(2)} ms`,
    ],
    figures: [
      { name: 'storm-provider-bound-used', value: round(boundUsed), unit: 'share' },
      { name: 'storm-pace', value: round(pace), unit: 'share' },
      { name: 'storm-refreshed-twice', value: twice, unit: 'refreshes' },
      { name: 'storm-before-nearer-deadline', value: early, unit: 'refreshes' },
      { name: 'storm-read-p99', value: round(p99During), unit: 'ms' },
      { name: 'storm-read-p99-afterwards', value: round(p99After), unit: 'ms' },
      { name: 'storm-broker-cpu', value: round(brokerCpuMs), unit: 'ms/refresh' },
      { name: 'storm-vault-cpu', value: round(vaultCpuMs), unit: 'ms/refresh' },
    ],
  };
}

async function timeRead({ credentials }: RefreshWorld, { rpc }: BrokerProcess): Promise<number> {
  const startedMs = performance.now();
  await rpc.getAccessToken({
    accountId,
    target: { $case: 'credentialId', value: credentials.at(-1) ?? '' },
    minimumRemainingLife: undefined,
    worker: 'bench',
  });
  return performance.now() - startedMs;
}

/** Requests that came before one with a nearer deadline, other than those under way beside it. */
function countEarly(inOrder: readonly number[]): number {
  let nearestLater = Number.POSITIVE_INFINITY;
  let early = 0;
  for (let place = inOrder.length - 1; place >= 0; place--) {
    const beside = inOrder[place + bound];
    if (beside !== undefined) nearestLater = Math.min(nearestLater, beside);
    if ((inOrder[place] ?? 0) > nearestLater) early++;
  }
  return early;
}

const round = (value: number) => Math.round(value * 1_000) / 1_000;
