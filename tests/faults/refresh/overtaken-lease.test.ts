import { AcquireLeaseRequest_Purpose as Purpose } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { durationFromMs } from '@credential-renewal/rpc';
import { expect, test, vi } from 'vitest';
import { authorize } from './first-authorization.ts';
import { expectAllRefreshed, waiting } from './refresh-expectations.ts';
import { type BrokerInHand, type RefreshWorld, startRefreshWorld } from './refresh-world.ts';

const hourMs = 3_600_000;
/** Longer than a lease is believed in without asking. */
const longMs = 1_000;
const patient = { timeout: 120_000 };

/** One place at the provider, which is taken until `free`, and a second refresh that has its lease and waits. */
async function leaseBehindAnother(world: RefreshWorld): Promise<{
  broker: BrokerInHand;
  /** Index of the one that waits. */
  waits: number;
  free: () => void;
}> {
  const { provider, clock } = world;
  const asked = Promise.withResolvers<void>();
  const { promise: freed, resolve: free } = Promise.withResolvers<void>();
  provider.beforeAnswer = async () => {
    provider.beforeAnswer = undefined;
    asked.resolve();
    await freed;
  };
  const broker = await world.startBroker();
  clock.advance(hourMs);
  await asked.promise;
  await vi.waitFor(() => expect(broker.between.answered('acquireLease')).toBe(2), waiting);
  const leasedMs = performance.now();
  await vi.waitFor(() => expect(performance.now() - leasedMs).toBeGreaterThan(longMs), waiting);
  return { broker, waits: provider.asked()[0] === 'grant-0' ? 1 : 0, free };
}

function startWorld(): Promise<RefreshWorld> {
  return startRefreshWorld({ credentials: 2, graceSeconds: 0, providerConcurrency: 1 });
}

const takeOver = ({ vault, credentials }: RefreshWorld, index: number) =>
  vault.acquireLease({
    ...{ credentialId: credentials[index] ?? '', owner: 'renewal', purpose: Purpose.RENEWAL },
    ...{ leaseTtl: durationFromMs(25_000), minimumRemainingLife: undefined },
  });

test(
  'a refresh that still waits for its place when a renewal is done does not send the token from before it',
  patient,
  async () => {
    await using world = await startWorld();
    const { provider, vault, clock } = world;
    const { waits, free } = await leaseBehindAnother(world);
    await takeOver(world, waits);
    const grant = provider.renewGrant(`grant-${waits}`);
    const renewal = { vault, provider, graceSeconds: 0, lifeSeconds: 3_600, grant };
    expect(await authorize(renewal)).toBe(world.credentials[waits]);
    free();
    await expectAllRefreshed(world);
    clock.advance(hourMs);
    await expectAllRefreshed(world);
    expect(provider.killed()).toEqual([]);
    expect(provider.asked()).toHaveLength(3);
  },
);

test(
  'a refresh that still waits for its place when a renewal begins sends nothing before that is over',
  patient,
  async () => {
    await using world = await startWorld();
    const { provider, vault } = world;
    const { broker, waits, free } = await leaseBehindAnother(world);
    const { outcome } = await takeOver(world, waits);
    free();
    await vi.waitFor(
      () => expect(broker.between.answered('acquireLease')).toBeGreaterThan(2),
      waiting,
    );
    expect(provider.asked()).toHaveLength(1);
    const credentialId = world.credentials[waits] ?? '';
    const fence = outcome?.$case === 'granted' ? outcome.value.fence : 0n;
    await vault.releaseLease({ credentialId, owner: 'renewal', fence });
    // The person did not go through with it.
    await expectAllRefreshed(world);
    expect(provider.asked()).toHaveLength(2);
    expect(provider.killed()).toEqual([]);
  },
);
