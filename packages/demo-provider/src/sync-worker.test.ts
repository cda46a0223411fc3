import { createLogger, DomainError, systemClock } from '@credential-renewal/runtime';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createDemoSyncWorker, type DemoSyncWorkerDeps, type SyncTarget } from './sync-worker.ts';
import { startTestWorld } from './test-world.ts';

/** A busy machine may take its time. */
const patiently = { timeout: 4_000 };

let demo: Awaited<ReturnType<typeof startTestWorld>>;
beforeAll(async () => {
  demo = await startTestWorld();
});
afterAll(() => demo.stop());

function target(sourceId: string, connectorId = 'revolve-box'): SyncTarget {
  return { accountId: 'acme', sourceId, connectorId };
}

function start(targets: SyncTarget[], changes: Partial<DemoSyncWorkerDeps>) {
  const synced: string[] = [];
  const rejected: string[] = [];
  const worker = createDemoSyncWorker({
    apiOrigin: () => demo.world.origin,
    listTargets: () => targets,
    getAccessToken: async () => ({ accessToken: 'never-issued', tokenHash: 'its-hash' }),
    reportSynced: async ({ sourceId }) => synced.push(sourceId),
    reportRejectedToken: async ({ sourceId }, hash) => rejected.push(`${sourceId} ${hash}`),
    clock: systemClock,
    logger: createLogger({ service: 'demo', level: 'fatal' }),
    intervalMs: 5,
    ...changes,
  });
  onTestFinished(() => worker.stop());
  return { worker, synced, rejected };
}

async function tokenFor(provider: string, account: string) {
  const client = await demo.client(provider);
  const { access_token } = await client.connect({ account });
  return async () => ({ accessToken: access_token, tokenHash: 'its-hash' });
}

test('a source with a working token is synced', async () => {
  const getAccessToken = await tokenFor('revolve', 'sync@acme.example');
  const { synced, rejected } = start([target('s1')], { getAccessToken });
  await expect.poll(() => synced, patiently).toContain('s1');
  expect(rejected).toEqual([]);
});

test('a refused token is reported with its hash, whether by 401 or inside a 200', async () => {
  const targets = [target('s1'), target('s2', 'chatter-enterprise')];
  const { synced, rejected } = start(targets, {});
  await expect
    .poll(() => rejected.slice(0, 2).sort(), patiently)
    .toEqual(['s1 its-hash', 's2 its-hash']);
  expect(synced).toEqual([]);
});

test('a source whose credential is expired is passed over, and the others go on', async () => {
  const working = await tokenFor('revolve', 'sync@acme.example');
  const { synced, rejected } = start([target('dead'), target('alive')], {
    getAccessToken: async ({ sourceId }) => {
      if (sourceId === 'alive') return working();
      throw new DomainError('failed_precondition', 'CREDENTIAL_EXPIRED', 'it is expired');
    },
  });
  await expect.poll(() => synced.length, patiently).toBeGreaterThan(2);
  expect(new Set(synced)).toEqual(new Set(['alive']));
  expect(rejected).toEqual([]);
});

test('rounds never overlap, and at most eight sources are visited at once', async () => {
  let now = 0;
  let most = 0;
  let visits = 0;
  const targets = Array.from({ length: 40 }, (_, index) => target(`s${index}`));
  const { worker } = start(targets, {
    getAccessToken: async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise(setImmediate);
      now -= 1;
      visits += 1;
      throw new DomainError('unavailable', 'TOKEN_NOT_AVAILABLE', 'later');
    },
  });
  await expect.poll(() => visits, patiently).toBeGreaterThan(100);
  await worker.stop();
  expect(most).toBe(8);
  expect(now).toBe(0);
});

test('with many sources each gets its turn', async () => {
  const targets = Array.from({ length: 120 }, (_, index) => target(`s${index}`));
  const seen = new Set<string>();
  start(targets, {
    getAccessToken: async ({ sourceId }) => {
      seen.add(sourceId);
      throw new DomainError('unavailable', 'TOKEN_NOT_AVAILABLE', 'later');
    },
  });
  await expect.poll(() => seen.size, patiently).toBe(120);
});

test('a paused worker asks for nothing until it may go on', async () => {
  const rounds = { paused: 0, other: 0 };
  const count = (name: keyof typeof rounds) => ({
    listTargets: () => {
      rounds[name] += 1;
      return [];
    },
  });
  const { worker } = start([], count('paused'));
  await expect.poll(() => rounds.paused, patiently).toBeGreaterThan(1);
  worker.setPaused(true);
  const before = rounds.paused;
  start([], count('other'));
  await expect.poll(() => rounds.other, patiently).toBeGreaterThan(5);
  expect(rounds.paused).toBe(before);
  worker.setPaused(false);
  await expect.poll(() => rounds.paused, patiently).toBeGreaterThan(before);
});
