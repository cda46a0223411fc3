import { describe, expect, test } from 'vitest';
import { canStart } from '../servers/own-servers.ts';
import { services, startUnderLoad, type UnderLoad, until } from './kafka-under-load.ts';

const rounds = 2;

async function killAndStart({ world: { kafka }, load }: UnderLoad, node: number): Promise<void> {
  await kafka.kill(node);
  await until(() => expect(load.backlog()).toBeGreaterThan(100));
  await kafka.start();
}

async function hang({ world: { kafka }, load }: UnderLoad, node: number): Promise<void> {
  await kafka.pause(node);
  // Every relay has sent, got no answer, and tries again.
  await until(() => expect(load.problems()).toHaveLength(services.length));
  await until(() => expect(load.backlog()).toBeGreaterThan(1500));
  await kafka.resume();
}

describe.skipIf(!canStart.kafka)('under load', { timeout: 240_000 }, () => {
  test.each([
    ['killed and started again', 1, killAndStart],
    ['killed and started again', 3, killAndStart],
    ['paused past the request time-out', 1, hang],
    ['paused past the request time-out', 3, hang],
  ] as const)('a broker that is %s, of %i, loses and disorders nothing', async (_, nodes, harm) => {
    const underLoad = await startUnderLoad({ own: true, nodes });
    for (let round = 0; round < rounds; round++) {
      await underLoad.goesOn();
      await harm(underLoad, (round % nodes) + 1);
    }
    await underLoad.goesOn();
    await underLoad.expectNothingLost();
  });
});
