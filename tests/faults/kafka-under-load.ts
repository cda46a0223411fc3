import type { EventLog } from '@credential-renewal/events';
import { expect, onTestFinished, vi } from 'vitest';
import type { KafkaOptions } from '../servers/kafka-server.ts';
import { countRepetitions, findDamage, type KafkaLoad, startKafkaLoad } from './kafka-load.ts';
import { createKafkaWorld, type KafkaWorld, readTopic } from './kafka-world.ts';

const topic = 'credential.state';
export const services = Array.from({ length: 4 }, (_, service) =>
  Array.from({ length: 4 }, (_, key) => `credential-${service}-${key}`),
);

export type UnderLoad = {
  world: KafkaWorld;
  log: EventLog;
  load: KafkaLoad;
  /** Resolves when some hundred more events have been acknowledged. */
  goesOn(): Promise<void>;
  /** Ends the load; everything acknowledged must be in the log, in order, and have reached the group. */
  expectNothingLost(): Promise<void>;
};

export const until = (holds: () => void | Promise<void>) =>
  vi.waitFor(holds, { timeout: 60_000, interval: 10 });

/** Brokers with a log under load, and a group that handles everything. */
export async function startUnderLoad(options: KafkaOptions): Promise<UnderLoad> {
  const world = await createKafkaWorld(options);
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
  return {
    ...{ world, log, load },
    async goesOn() {
      const before = load.total();
      await until(() => expect(load.total()).toBeGreaterThan(before + 500));
    },
    async expectNothingLost() {
      await load.stop();
      const events = await readTopic(log, topic);
      process.stdout.write(
        `${load.total()} events acknowledged, ${countRepetitions(events)} of them repeated\n`,
      );
      expect(findDamage(events, load.acknowledged)).toEqual([]);
      await until(() => {
        for (const [key, last] of load.acknowledged) expect(handled.get(key)?.size).toBe(last);
      });
    },
  };
}
