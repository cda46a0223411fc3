import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { canStart } from '../servers/own-servers.ts';
import { type SpawnedProcess, spawnNode } from '../system/spawned-process.ts';
import { makeEvent } from './kafka-load.ts';
import { createKafkaWorld, type KafkaWorld } from './kafka-world.ts';

const program = new URL('./kafka-consumer-child.ts', import.meta.url).pathname;
const keys = Array.from({ length: 12 }, (_, index) => `credential-${index}`);
const until = (holds: () => void) => vi.waitFor(holds, { timeout: 60_000, interval: 20 });

/** `[key, number]` of each effect, in the order they were made. */
function effectsOf(...children: SpawnedProcess[]): [string, number][] {
  return children.flatMap((child) =>
    [...child.output().matchAll(/^did (\S+) (\d+)$/gm)].map(([, key, number]): [string, number] => [
      key ?? '',
      Number(number),
    ]),
  );
}

const numbersOf = (effects: readonly [string, number][], key: string) =>
  effects.filter(([one]) => one === key).map(([, number]) => number);

describe.skipIf(!canStart.kafka)('a consumer', { timeout: 180_000 }, () => {
  async function start() {
    const world = await createKafkaWorld({ own: true });
    onTestFinished(() => world.kafka.stop());
    const log = await world.open();
    onTestFinished(() => log.close());
    const publish = (sequence: number) => log.publish(keys.map((key) => makeEvent(key, sequence)));
    return { world, log, publish };
  }

  function spawnConsumer({ env }: KafkaWorld, dieAt?: number): SpawnedProcess {
    const child = spawnNode([program], {
      ...env,
      ...(dieAt === undefined ? {} : { DIE_AT: String(dieAt) }),
    });
    onTestFinished(async () => void (await child.end('SIGKILL')));
    return child;
  }

  test('that is killed between effect and commit leaves its event to the next one', async () => {
    const { world, publish } = await start();
    for (const sequence of [1, 2, 3]) await publish(sequence);
    const killed = spawnConsumer(world, 10);
    expect(await killed.ended).toBeNull();
    const done = effectsOf(killed);
    expect(done).toHaveLength(10);

    const next = spawnConsumer(world);
    await until(() => {
      for (const key of keys) expect(numbersOf(effectsOf(killed, next), key)).toContain(3);
    });
    // The effect that was not committed is made once more, by whoever comes next; nothing is skipped, and each key goes on in order.
    const [lastKey, lastNumber] = done.at(-1) ?? ['', 0];
    expect(numbersOf(effectsOf(next), lastKey)).toContain(lastNumber);
    for (const key of keys) {
      const numbers = numbersOf(effectsOf(killed, next), key);
      expect([...new Set(numbers)]).toEqual([1, 2, 3]);
      expect(numbersOf(effectsOf(next), key)).toEqual(
        numbersOf(effectsOf(next), key).toSorted((one, other) => one - other),
      );
    }
  });

  test('that vanishes is replaced by the others within its session', async () => {
    const { world, publish } = await start();
    const [stays, vanishes] = [spawnConsumer(world), spawnConsumer(world)];
    await publish(1);
    let sequence = 1;
    await vi.waitFor(
      async () => {
        sequence++;
        await publish(sequence);
        expect(effectsOf(stays).length).toBeGreaterThan(0);
        expect(effectsOf(vanishes).length).toBeGreaterThan(0);
      },
      { timeout: 60_000, interval: 100 },
    );
    await vanishes.end('SIGKILL');
    sequence++;
    await publish(sequence);
    await until(() => {
      for (const key of keys) expect(numbersOf(effectsOf(stays), key)).toContain(sequence);
    });
    for (const key of keys) {
      const numbers = new Set(numbersOf(effectsOf(vanishes, stays), key));
      expect(numbers.size).toBe(sequence);
    }
  });

  test('that was stopped for longer than its session comes back and disturbs nobody', async () => {
    const { world, publish } = await start();
    const [stays, hangs] = [spawnConsumer(world), spawnConsumer(world)];
    let sequence = 0;
    const shared = async () => {
      sequence++;
      await publish(sequence);
      expect(effectsOf(stays).length).toBeGreaterThan(0);
      expect(effectsOf(hangs).length).toBeGreaterThan(0);
    };
    await vi.waitFor(shared, { timeout: 60_000, interval: 100 });
    process.kill(hangs.pid, 'SIGSTOP');
    sequence++;
    await publish(sequence);
    const taken = sequence;
    await until(() => {
      for (const key of keys) expect(numbersOf(effectsOf(stays), key)).toContain(taken);
    });
    process.kill(hangs.pid, 'SIGCONT');
    const before = effectsOf(hangs).length;
    const sharedAgain = async () => {
      sequence++;
      await publish(sequence);
      expect(effectsOf(hangs).length).toBeGreaterThan(before + keys.length);
    };
    await vi.waitFor(sharedAgain, { timeout: 60_000, interval: 100 });
    await until(() => {
      for (const key of keys) {
        expect(new Set(numbersOf(effectsOf(stays, hangs), key)).size).toBe(sequence);
      }
    });
  });
});
