import type { EventLog } from '@credential-renewal/events';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { canStart } from '../servers/own-servers.ts';
import { countRepetitions, findDamage, type KafkaLoad, startKafkaLoad } from './kafka-load.ts';
import { createKafkaWorld, type KafkaWorld, readTopic } from './kafka-world.ts';

const topic = 'credential.state';
const services = Array.from({ length: 4 }, (_, service) =>
  Array.from({ length: 4 }, (_, key) => `credential-${service}-${key}`),
);
const rounds = 2;

const until = (holds: () => void | Promise<void>) =>
  vi.waitFor(holds, { timeout: 60_000, interval: 10 });

/** A log under load, and what one group has handled of each key. */
async function startUnderLoad(nodes: 1 | 3) {
  const world = await createKafkaWorld({ own: true, nodes });
  onTestFinished(() => world.kafka.stop());
  const log = await world.open();
  onTestFinished(() => log.close());
  const handled = new Map(services.flat().map((key) => [key, new Set<number>()]));
  await log.subscribe({
    group: 'notification',
    topics: [topic],
    handle: async ({ event }) => void handled.get(event.partitionkey)?.add(Number(event.sequence)),
  });
  const load = startKafkaLoad(log, services);
  return { world, log, load, handled };
}

/** Some hundred events further. */
async function goesOn(load: KafkaLoad): Promise<void> {
  const before = load.total();
  await until(() => expect(load.total()).toBeGreaterThan(before + 500));
}

async function expectNothingLost(
  log: EventLog,
  load: KafkaLoad,
  handled: ReadonlyMap<string, ReadonlySet<number>>,
): Promise<void> {
  await load.stop();
  const events = await readTopic(log, topic);
  process.stdout.write(
    `${load.total()} events acknowledged, ${countRepetitions(events)} of them repeated\n`,
  );
  expect(findDamage(events, load.acknowledged)).toEqual([]);
  await until(() => {
    for (const [key, last] of load.acknowledged) expect(handled.get(key)?.size).toBe(last);
  });
}

async function killAndStart({ kafka }: KafkaWorld, node: number, load: KafkaLoad): Promise<void> {
  await kafka.kill(node);
  await until(() => expect(load.backlog()).toBeGreaterThan(100));
  await kafka.start();
}

async function hang({ kafka }: KafkaWorld, node: number, load: KafkaLoad): Promise<void> {
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
    const { world, log, load, handled } = await startUnderLoad(nodes);
    for (let round = 0; round < rounds; round++) {
      await goesOn(load);
      await harm(world, (round % nodes) + 1, load);
    }
    await goesOn(load);
    await expectNothingLost(log, load, handled);
  });
});
