import { DomainError } from '@credential-renewal/runtime';
import { expect, test } from 'vitest';
import { accountId } from './first-authorization.ts';
import { type BrokerInHand, startRefreshWorld } from './refresh-world.ts';

const workers = 50;
const credentials = 1_000;
const rounds = 2;
/** Of each broker. */
const bound = 20;
const lifeSeconds = 300;

/** As a worker does that is told to try again shortly: on a machine with too much to do, a token takes longer than a call may. */
async function readPatiently({ rpc }: BrokerInHand, credentialId: string, worker: number) {
  for (;;) {
    try {
      const { accessToken } = await rpc.getAccessToken({
        accountId,
        target: { $case: 'credentialId', value: credentialId },
        minimumRemainingLife: undefined,
        worker: `worker-${worker}`,
      });
      return accessToken;
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'TOKEN_NOT_AVAILABLE')) throw error;
    }
  }
}

type Round = { reads: number; unusable: string[] };

test('fifty workers over a thousand short-lived credentials and two brokers: each token is used once, and every worker gets one', {
  timeout: 400_000,
}, async () => {
  // Without grace: a spent token that comes again kills its grant at once.
  await using world = await startRefreshWorld({
    ...{ credentials, graceSeconds: 0, expiresInSeconds: lifeSeconds },
    ...{ providerConcurrency: bound, sweepIntervalMs: 500 },
  });
  const { provider, clock } = world;
  const brokers = [
    await world.startBroker({ direct: true }),
    await world.startBroker({ direct: true }),
  ];

  /** Each worker syncs all of its share, and of its neighbour's: every credential has two who want it, at different brokers. */
  async function syncAll(): Promise<Round> {
    const round: Round = { reads: 0, unusable: [] };
    const share = credentials / workers;
    await Promise.all(
      Array.from({ length: workers }, async (_, worker) => {
        const broker = brokers[worker % brokers.length];
        for (let index = 0; index < 2 * share; index++) {
          const credentialId = world.credentials[(worker * share + index) % credentials] ?? '';
          const accessToken = broker && (await readPatiently(broker, credentialId, worker));
          round.reads++;
          if (!provider.accepts(accessToken ?? '')) round.unusable.push(credentialId);
        }
      }),
    );
    return round;
  }

  for (let round = 1; round <= rounds; round++) {
    // All have ended: the workers' reads and the sweeps of both brokers run for the same credentials.
    clock.advance(lifeSeconds * 1_000);
    const { reads, unusable } = await syncAll();
    expect(reads).toBe(2 * credentials);
    expect(unusable).toEqual([]);
    expect(provider.tokenRequests()).toBe(round * credentials);
  }
  expect(provider.overlaps()).toBe(0);
  expect(provider.killed()).toEqual([]);
  expect(provider.mostAtOnce()).toBeLessThanOrEqual(brokers.length * bound);
});
