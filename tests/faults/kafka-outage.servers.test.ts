import { createLogger } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { canStart } from '../servers/own-servers.ts';
import { findDamage, makeEvent, startKafkaLoad } from './kafka-load.ts';
import { createKafkaWorld, type KafkaWorld, readTopic } from './kafka-world.ts';

const topic = 'credential.state';
const until = (holds: () => void | Promise<void>) =>
  vi.waitFor(holds, { timeout: 60_000, interval: 20 });

async function startWorld(nodes: 1 | 3 = 1): Promise<KafkaWorld> {
  const world = await createKafkaWorld({ own: true, nodes });
  onTestFinished(() => world.kafka.stop());
  return world;
}

describe.skipIf(!canStart.kafka)('without brokers', { timeout: 240_000 }, () => {
  test('work goes on, the outboxes grow, and then all drains in order', async () => {
    const world = await startWorld();
    const metrics = new Registry();
    const log = await world.open({ metrics });
    onTestFinished(() => log.close());
    const handled = new Map<string, number[]>();
    await log.subscribe({
      group: 'notification',
      topics: [topic],
      async handle({ event: { partitionkey, sequence } }) {
        handled.set(partitionkey, [...(handled.get(partitionkey) ?? []), Number(sequence)]);
      },
    });
    const load = startKafkaLoad(log, [['a', 'b'], ['c']]);
    await until(() => expect(load.total()).toBeGreaterThan(100));
    await world.kafka.kill();
    await until(() => expect(log.problem()).toMatch(/no broker has answered since 2/));
    expect(await metrics.metrics()).toMatch(/event_log_usable 0/);
    const before = load.total();
    await until(() => expect(load.backlog()).toBeGreaterThan(2000));
    expect(load.total()).toBe(before);
    expect(await metrics.metrics()).toMatch(/event_log_publish_failures_total [1-9]/);
    await world.kafka.start();
    await load.stop();
    await until(() => expect(log.problem()).toBeUndefined());
    expect(findDamage(await readTopic(log, topic), load.acknowledged)).toEqual([]);
    await until(() => {
      for (const [key, last] of load.acknowledged)
        expect(new Set(handled.get(key)).size).toBe(last);
    });
    for (const numbers of handled.values()) {
      // Each number that comes for the first time is the next one.
      expect([...new Set(numbers)]).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    }
    expect(await metrics.metrics()).toMatch(/event_log_usable 1/);
  });

  test('a broker that hangs is a problem also while nobody publishes, and stops to be one by itself', async () => {
    const world = await startWorld();
    const lines: Record<string, unknown>[] = [];
    const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
    const logger = createLogger({ service: 'test', level: 'warn', destination });
    const log = await world.open({ logger });
    onTestFinished(() => log.close());
    expect(log.problem()).toBeUndefined();
    await world.kafka.pause();
    await until(() => expect(log.problem()).toMatch(/no broker has answered since/));
    await expect(log.publish([makeEvent('a', 1)])).rejects.toMatchObject({ kind: 'unavailable' });
    await world.kafka.resume();
    await until(() => expect(log.problem()).toBeUndefined());
    await until(() => log.publish([makeEvent('a', 2)]));
    // Told once, not with each attempt.
    const told = lines.filter(({ msg }) => String(msg).includes('the event log cannot be used'));
    expect(told).toHaveLength(1);
  });

  test('a process starts, says what is missing, and catches up when a broker comes', async () => {
    const world = await startWorld();
    const earlier = await world.open();
    await earlier.publish([makeEvent('a', 1)]);
    await earlier.close();
    await world.kafka.kill();

    const log = await world.open();
    onTestFinished(() => log.close());
    expect(log.problem()).toMatch(/no broker has answered since .*ECONNREFUSED/);
    await expect(log.publish([makeEvent('a', 2)])).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'EVENT_LOG_UNAVAILABLE',
    });
    const handled: number[] = [];
    await log.subscribe({
      group: 'notification',
      topics: [topic],
      handle: async ({ event }) => void handled.push(Number(event.sequence)),
    });
    const tailed: number[] = [];
    const tail = (from: 'start' | 'end') =>
      log.tail({
        topics: [topic],
        from,
        handle: ({ event }) => void tailed.push(Number(event.sequence)),
      });
    await tail('end');
    await world.kafka.start();
    await until(() => expect(log.problem()).toBeUndefined());
    await log.publish([makeEvent('a', 2)]);
    await until(() => expect(handled).toEqual([1, 2]));
    // What came after the call is there, whoever published it; what came shortly before may be.
    await until(() => expect(tailed).toContain(2));
  });

  test('a subscription that is stopped while no broker answers ends all the same', async () => {
    const world = await startWorld();
    const log = await world.open();
    let handled = 0;
    const subscription = await log.subscribe({
      group: 'notification',
      topics: [topic],
      handle: async () => void handled++,
    });
    await log.publish([makeEvent('a', 1)]);
    await until(() => expect(handled).toBe(1));
    await world.kafka.pause();
    const startedMs = performance.now();
    await subscription.stop();
    await log.close();
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });

  test('one of three that is away is no problem; with two away nothing is acknowledged, and nothing lost', async () => {
    const world = await startWorld(3);
    const log = await world.open();
    onTestFinished(() => log.close());
    let handled = 0;
    await log.subscribe({
      group: 'notification',
      topics: [topic],
      handle: async () => void handled++,
    });
    const load = startKafkaLoad(log, [['a', 'b', 'c', 'd']]);
    await until(() => expect(handled).toBeGreaterThan(100));
    await world.kafka.kill(2);
    for (const more of [1, 2]) {
      const [acknowledged, seen] = [load.total(), handled];
      await until(() => {
        expect(load.total()).toBeGreaterThan(acknowledged + 200 * more);
        expect(handled).toBeGreaterThan(seen + 200 * more);
      });
    }
    await until(() => expect([log.problem(), ...load.problems()]).toEqual([undefined]));

    await world.kafka.kill(3);
    await until(() => expect(load.problems()).toHaveLength(1));
    const acknowledged = load.total();
    await until(() => expect(load.backlog()).toBeGreaterThan(1000));
    expect(load.total()).toBe(acknowledged);
    await world.kafka.start();
    await load.stop();
    expect(findDamage(await readTopic(log, topic), load.acknowledged)).toEqual([]);
    await until(() => expect(log.problem()).toBeUndefined());
  });
});
