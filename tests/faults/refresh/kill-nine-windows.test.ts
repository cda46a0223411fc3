import { expect, test } from 'vitest';
import { startBrokerProcess } from './broker-process.ts';
import { expectAllRefreshed, expectEventsInSequence, statesOf } from './refresh-expectations.ts';
import { type RefreshWindow, refreshWindows, stopIn } from './refresh-windows.ts';
import { leaseTtlMs, type RefreshWorld, startRefreshWorld } from './refresh-world.ts';
import { reportTokens } from './report-tokens.ts';

const kills = 5;
const credentials = 8;
// Longer than the lease and the start of a process on a busy machine together.
const graceSeconds = 900;
const minuteMs = 60_000;
/** A token of an hour that was got in this round. */
const freshMs = 55 * minuteMs;

/** A process takes over what the one before it left behind, and dies in the next round of refreshes. */
async function killIn(world: RefreshWorld, window: RefreshWindow): Promise<void> {
  const { provider, clock } = world;
  const dying = await startBrokerProcess(world);
  await expectAllRefreshed(world, freshMs);
  const stopped = stopIn(window, { between: dying.between, provider });
  clock.advance(10 * minuteMs);
  await reportTokens(world);
  await stopped.reached(credentials);
  await dying.kill();
  stopped.letGo();
  clock.advance(leaseTtlMs + 1);
}

test.each(refreshWindows)(
  'no credential dies of five kill -9 of the broker $name, and none of its events is missing or told twice',
  { timeout: 180_000 },
  async (window) => {
    await using world = await startRefreshWorld({ credentials, graceSeconds });
    for (let kill = 0; kill < kills; kill++) await killIn(world, window);
    await world.startBroker();
    await expectAllRefreshed(world, freshMs);
    const states = await statesOf(world);
    await expectEventsInSequence(world.eventLog, states);
    // One when it was made, and one for each reported token.
    expect(new Set(states.map((state) => Number(state?.version)))).toEqual(new Set([1 + kills]));
    // What is stored is the living token: it can be refreshed once more.
    world.clock.advance(60 * minuteMs);
    await expectAllRefreshed(world, freshMs);
    expect(world.provider.killed()).toEqual([]);
    expect(world.provider.overlaps()).toBe(0);
  },
);
