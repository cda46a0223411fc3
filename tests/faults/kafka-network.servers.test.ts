import { describe, expect, test } from 'vitest';
import { canStart } from '../servers/own-servers.ts';
import { services, startUnderLoad, type UnderLoad, until } from './kafka-under-load.ts';

const proxyOf = ({ world: { kafka } }: UnderLoad) => {
  const [proxy] = kafka.proxies;
  if (!proxy) throw new Error('this Kafka has no proxy');
  return proxy;
};

/** Requests under way have an outcome that nobody tells. */
async function cut(underLoad: UnderLoad): Promise<void> {
  const proxy = proxyOf(underLoad);
  await proxy.cut();
  await until(() => expect(underLoad.load.backlog()).toBeGreaterThan(50));
  await proxy.resume();
}

/** What was sent arrives, late. */
async function hang(underLoad: UnderLoad): Promise<void> {
  const proxy = proxyOf(underLoad);
  proxy.pause();
  await until(() => expect(underLoad.load.problems()).toHaveLength(services.length));
  await until(() => expect(underLoad.load.backlog()).toBeGreaterThan(1000));
  await proxy.resume();
}

describe.skipIf(!canStart.kafka)('under load', { timeout: 240_000 }, () => {
  test.each([
    ['is cut again and again, answers and all,', 15, cut],
    ['hangs past the request time-out', 2, hang],
  ] as const)('a network that %s loses and disorders nothing', async (_, rounds, harm) => {
    const underLoad = await startUnderLoad({ behindProxies: true });
    for (let round = 0; round < rounds; round++) {
      await underLoad.goesOn();
      await harm(underLoad);
    }
    await underLoad.goesOn();
    await underLoad.expectNothingLost();
  });

  test('a slow network slows, and is no problem', async () => {
    const underLoad = await startUnderLoad({ behindProxies: true });
    proxyOf(underLoad).slow(200);
    await underLoad.goesOn();
    await until(() => expect(underLoad.log.problem()).toBeUndefined());
    expect(underLoad.load.problems()).toEqual([]);
    await proxyOf(underLoad).resume();
    await underLoad.expectNothingLost();
  });
});
