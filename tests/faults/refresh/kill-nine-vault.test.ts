import { openEmbeddedEventLog } from '@credential-renewal/events';
import { expect, test } from 'vitest';
import { expectAllRefreshed, expectEventsInSequence, statesOf } from './refresh-expectations.ts';
import { startRefreshWorld } from './refresh-world.ts';
import { reportTokens } from './report-tokens.ts';
import { planVaultProcess } from './vault-process.ts';

const kills = 5;
const credentials = 8;
const minuteMs = 60_000;
/** A token of an hour that was got in this round. */
const freshMs = 55 * minuteMs;

test('no credential and no event is lost by five kill -9 of the vault after the write and before the publication', {
  timeout: 180_000,
}, async () => {
  const vault = await planVaultProcess();
  await using world = await startRefreshWorld({
    ...{ credentials, graceSeconds: 900, startVault: vault.start },
  });
  await world.startBroker();
  for (let kill = 0; kill < kills; kill++) {
    world.clock.advance(10 * minuteMs);
    await vault.tellTime(world.clock.offsetMs());
    vault.holdEvents();
    await reportTokens(world);
    await expectAllRefreshed(world, freshMs);
    await vault.holdsEvents();
    await vault.kill();
    await world.startVault();
  }
  await expectAllRefreshed(world, freshMs);
  const states = await statesOf(world);
  // One when it was made, and one for each reported token.
  expect(new Set(states.map((state) => Number(state?.version)))).toEqual(new Set([1 + kills]));
  expect(world.provider.killed()).toEqual([]);
  expect(world.provider.overlaps()).toBe(0);

  // Its event log can be read when it has ended.
  await world.stopVault();
  const { clock, logger } = world;
  const eventLog = await openEmbeddedEventLog({
    ...{ directory: vault.eventsIn(world.directory), clock, logger },
  });
  try {
    await expectEventsInSequence(eventLog, states, { mayRepeat: true });
  } finally {
    await eventLog.close();
  }
});
