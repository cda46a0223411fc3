import type { EventLog } from '@credential-renewal/events';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { canStart } from '../servers/own-servers.ts';
import { findDamage, startKafkaLoad } from './kafka-load.ts';
import { createKafkaWorld, type KafkaWorld, readTopic } from './kafka-world.ts';

const topic = 'credential.state';
const keys = Array.from({ length: 16 }, (_, index) => `credential-${index}`);

async function start(nodes: 1 | 3): Promise<{ world: KafkaWorld; log: EventLog }> {
  const world = await createKafkaWorld({ own: true, nodes });
  onTestFinished(() => world.kafka.stop());
  const log = await world.open();
  onTestFinished(() => log.close());
  return { world, log };
}

const until = (holds: () => void, timeout = 60_000) => vi.waitFor(holds, { timeout, interval: 10 });

/** Numbers that one group has handled, by key, each once. */
async function followAll(log: EventLog): Promise<ReadonlyMap<string, Set<number>>> {
  const handled = new Map(keys.map((key) => [key, new Set<number>()]));
  await log.subscribe({
    group: 'notification',
    topics: [topic],
    handle: async ({ event }) => void handled.get(event.partitionkey)?.add(Number(event.sequence)),
  });
  return handled;
}

async function expectNothingLost(
  { log }: { log: EventLog },
  acknowledged: ReadonlyMap<string, number>,
  handled: ReadonlyMap<string, Set<number>>,
): Promise<void> {
  expect(findDamage(await readTopic(log, topic), acknowledged)).toEqual([]);
  await until(() => {
    for (const [key, last] of acknowledged) expect(handled.get(key)?.size).toBe(last);
  });
}

describe.skipIf(!canStart.kafka)('under load', { timeout: 180_000 }, () => {
  test.each([1, 3] as const)(
    'a broker of %i that is killed and comes back loses nothing and disorders nothing',
    async (nodes) => {
      const { world, log } = await start(nodes);
      const handled = await followAll(log);
      const load = startKafkaLoad(log, keys);
      for (let round = 1; round <= 3; round++) {
        const before = load.total();
        await until(() => expect(load.total()).toBeGreaterThan(before + 300));
        await world.kafka.kill(round <= nodes ? round : 1);
        await world.kafka.start();
      }
      const before = load.total();
      await until(() => expect(load.total()).toBeGreaterThan(before + 300));
      await load.stop();
      expect(load.failures()).toBeGreaterThan(0);
      await expectNothingLost({ log }, load.acknowledged, handled);
    },
  );

  test.each([1, 3] as const)(
    'a broker of %i that hangs past the request time-out loses nothing and disorders nothing',
    async (nodes) => {
      const { world, log } = await start(nodes);
      const handled = await followAll(log);
      const load = startKafkaLoad(log, keys);
      for (let round = 1; round <= 3; round++) {
        const before = load.total();
        await until(() => expect(load.total()).toBeGreaterThan(before + 300));
        const failures = load.failures();
        await world.kafka.pause(round <= nodes ? round : 1);
        await until(() => expect(load.failures()).toBeGreaterThan(failures + keys.length));
        await world.kafka.resume();
      }
      const before = load.total();
      await until(() => expect(load.total()).toBeGreaterThan(before + 300));
      await load.stop();
      await expectNothingLost({ log }, load.acknowledged, handled);
    },
  );
});
