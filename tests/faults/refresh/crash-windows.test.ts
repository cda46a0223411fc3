import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { expect, test, vi } from 'vitest';
import { expectAllRefreshed, statesOf, waiting } from './refresh-expectations.ts';
import { type RefreshWindow, refreshWindows, stopIn } from './refresh-windows.ts';
import { leaseTtlMs, type RefreshWorld, startRefreshWorld } from './refresh-world.ts';

const count = 100;
// The clock runs: longer than the lease and what a busy machine takes together.
const graceSeconds = 900;
const hourMs = 3_600_000;

/** There the only living token is lost with the process. */
const lost = ['between the rotation and its answer', 'between the answer and the write'];

/** All refreshes reach the window, and the broker dies there. */
async function crashIn(world: RefreshWorld, window: RefreshWindow): Promise<void> {
  const { provider, clock } = world;
  const dying = await world.startBroker();
  const stopped = stopIn(window, { between: dying.between, provider });
  clock.advance(hourMs);
  await stopped.reached(count);
  dying.crash();
  stopped.letGo();
}

test.each(refreshWindows)(
  'a hundred credentials survive a crash $name, where the provider honours either token',
  { timeout: 120_000 },
  async (window) => {
    await using world = await startRefreshWorld({ credentials: count, graceSeconds });
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

test.each(refreshWindows)(
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
      const found = await statesOf(world);
      expect(new Set(found.map((state) => state?.status))).toEqual(
        new Set([CredentialStatus.EXPIRED]),
      );
      expect(new Set(found.map((state) => state?.reason?.code))).toEqual(
        new Set(['lost_rotation']),
      );
    }, waiting);
  },
);
