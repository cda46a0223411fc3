import { createInternalServer, createShiftableClock } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { advanceTogether } from './clock-peers.ts';

const stillBase = { nowMs: () => 0 };

async function startPeer(clock?: ReturnType<typeof createShiftableClock>) {
  const options = { host: '127.0.0.1', port: 0, metrics: new Registry(), readiness: {} };
  const server = await createInternalServer({ ...options, ...(clock && { clock }) });
  onTestFinished(() => server.stop());
  return { url: `http://127.0.0.1:${server.port}`, stop: server.stop };
}

test('all clocks end at the same time, also one that missed a move', async () => {
  const [own, one, two] = [1, 2, 3].map(() => createShiftableClock(stillBase));
  if (!own || !one || !two) throw new Error('three clocks');
  const first = await startPeer(one);
  const second = await startPeer(two);
  await advanceTogether(own, [first.url], 1_000);
  await advanceTogether(own, [first.url, second.url], 500);
  expect([own, one, two].map((clock) => clock.nowMs())).toEqual([1_500, 1_500, 1_500]);
});

test('a process that has ended is passed over; one that does not let its clock be moved is named', async () => {
  const clock = createShiftableClock(stillBase);
  const ended = await startPeer(clock);
  await ended.stop();
  const own = createShiftableClock(stillBase);
  await advanceTogether(own, [ended.url], 1_000);
  expect(own.nowMs()).toBe(1_000);
  const fixed = await startPeer();
  await expect(advanceTogether(own, [fixed.url], 1_000)).rejects.toThrow(fixed.url);
});
