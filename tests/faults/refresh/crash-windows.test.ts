import type { ServerResponse } from 'node:http';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { msFromDuration } from '@credential-renewal/rpc';
import { expect, test, vi } from 'vitest';
import { leaseTtlMs, type RefreshWorld, startRefreshWorld } from './refresh-world.ts';
import type { VaultMethod } from './vault-between.ts';

const count = 100;
const hourMs = 3_600_000;
const waiting = { timeout: 60_000, interval: 200 };

type Window = { name: string; hold?: { method: VaultMethod; when: 'before' | 'after' } };

/** Where a broker may die in the course of a refresh; without a hold: the provider has rotated, its answer is under way. */
const windows: Window[] = [
  { name: 'before the intent', hold: { method: 'acquireLease', when: 'before' } },
  { name: 'after the intent', hold: { method: 'acquireLease', when: 'after' } },
  { name: 'between the rotation and its answer' },
  {
    name: 'between the answer and the write',
    hold: { method: 'completeAttempt', when: 'before' },
  },
  { name: 'after the write', hold: { method: 'completeAttempt', when: 'after' } },
];
/** There the only living token is lost with the process. */
const lost = ['between the rotation and its answer', 'between the answer and the write'];

const never = new Promise<void>(() => undefined);

/** All refreshes reach the window, and the broker dies there. */
async function crashIn(world: RefreshWorld, { hold }: Window): Promise<void> {
  const { provider, clock } = world;
  const dying = await world.startBroker();
  const unanswered: ServerResponse[] = [];
  if (hold) dying.between.hold = { ...hold, until: never };
  else {
    provider.beforeAnswer = async (_grant, response) => {
      unanswered.push(response);
      await new Promise((closed) => response.once('close', closed));
    };
  }
  clock.advance(hourMs);
  await vi.waitFor(
    () => expect(hold ? dying.between.held() : unanswered.length).toBe(count),
    waiting,
  );
  dying.crash();
  provider.beforeAnswer = undefined;
  for (const response of unanswered) response.destroy();
}

async function states(world: RefreshWorld) {
  const found = await Promise.all(
    world.credentials.map((credentialId) => world.vault.getCredential({ credentialId })),
  );
  return found.map(({ state }) => state);
}

/** All are healthy, with access tokens that were not there an hour ago. */
async function expectAllRefreshed({ vault, credentials }: RefreshWorld): Promise<void> {
  await vi.waitFor(async () => {
    const tokens = await Promise.all(
      credentials.map((credentialId) => vault.readAccessToken({ credentialId })),
    );
    const statuses = tokens.map(({ state }) => state?.status);
    expect(new Set(statuses)).toEqual(new Set([CredentialStatus.HEALTHY]));
    const shortest = Math.min(...tokens.map(({ expiresIn }) => msFromDuration(expiresIn) ?? 0));
    expect(shortest).toBeGreaterThan(hourMs / 2);
  }, waiting);
}

test.each(windows)(
  'a hundred credentials survive a crash $name, where the provider honours either token',
  { timeout: 120_000 },
  async (window) => {
    await using world = await startRefreshWorld({ credentials: count, graceSeconds: 60 });
    await crashIn(world, window);
    world.clock.advance(leaseTtlMs + 1);
    await world.startBroker();
    await expectAllRefreshed(world);
    // What is stored is the living token: it can be refreshed once more.
    world.clock.advance(hourMs);
    await expectAllRefreshed(world);
    expect(world.provider.killed()).toEqual([]);
    expect(world.provider.overlaps()).toBe(0);
  },
);

test.each(windows)(
  'a crash $name at a provider without grace: alive, or dead by our fault and said so',
  { timeout: 120_000 },
  async (window) => {
    await using world = await startRefreshWorld({ credentials: count, graceSeconds: 0 });
    await crashIn(world, window);
    world.clock.advance(leaseTtlMs + 1);
    await world.startBroker();
    if (!lost.includes(window.name)) {
      await expectAllRefreshed(world);
      world.clock.advance(hourMs);
      await expectAllRefreshed(world);
      expect(world.provider.killed()).toEqual([]);
      return;
    }
    await vi.waitFor(async () => {
      const found = await states(world);
      expect(new Set(found.map((state) => state?.status))).toEqual(
        new Set([CredentialStatus.EXPIRED]),
      );
      expect(new Set(found.map((state) => state?.reason?.code))).toEqual(
        new Set(['lost_rotation']),
      );
    }, waiting);
  },
);
