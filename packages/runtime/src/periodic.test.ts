import { expect, test, vi } from 'vitest';
import { createLogger } from './logger.ts';
import { createPeriodic, type Periodic } from './periodic.ts';
import { currentTrace } from './trace.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const hourMs = 3_600_000;

const start = (run: (signal: AbortSignal) => Promise<unknown>, intervalMs = hourMs): Periodic =>
  createPeriodic({ name: 'test', intervalMs, logger, run });
const eventually = (holds: () => void) => vi.waitFor(holds, { interval: 0 });

test('it runs at the start, and again at a wake-up', async () => {
  let runs = 0;
  const periodic = start(async () => {
    runs++;
  });
  expect(runs).toBe(0);
  await eventually(() => expect(runs).toBe(1));
  periodic.wake();
  await eventually(() => expect(runs).toBe(2));
  await periodic.stop();
});

test('a wake-up during a run is not lost, and runs never overlap', async () => {
  const gate = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  let runs = 0;
  const periodic = start(async () => {
    most = Math.max(most, ++running);
    await gate.promise;
    running--;
    runs++;
  });
  await eventually(() => expect(running).toBe(1));
  periodic.wake();
  periodic.wake();
  gate.resolve();
  await eventually(() => expect(runs).toBe(2));
  expect(most).toBe(1);
  await periodic.stop();
  expect(runs).toBe(2);
});

test('a run may ask to be repeated sooner, but not later', async () => {
  let runs = 0;
  const periodic = start(async () => {
    runs++;
    return runs < 3 ? 0 : hourMs;
  }, 1);
  await eventually(() => expect(runs).toBeGreaterThan(4));
  await periodic.stop();
});

test('a failed run does not end the series', async () => {
  let runs = 0;
  const periodic = start(async () => {
    runs++;
    throw new Error('no');
  }, 0);
  await eventually(() => expect(runs).toBeGreaterThan(3));
  await periodic.stop();
});

test('an interval longer than a timer can hold does not become no interval', async () => {
  vi.useFakeTimers();
  let runs = 0;
  const periodic = start(
    async () => {
      runs++;
    },
    100 * 24 * hourMs,
  );
  await vi.advanceTimersByTimeAsync(hourMs);
  expect(runs).toBe(1);
  await periodic.stop();
  vi.useRealTimers();
});

test('stop tells the running one, waits for it, and starts no other', async () => {
  const steps: string[] = [];
  const periodic = start(async (signal) => {
    steps.push('begin');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    steps.push('end');
  });
  await eventually(() => expect(steps).toEqual(['begin']));
  periodic.wake();
  await periodic.stop();
  expect(steps).toEqual(['begin', 'end']);
});

test('a periodic that is stopped at once never runs', async () => {
  let runs = 0;
  await start(async () => {
    runs++;
  }).stop();
  expect(runs).toBe(0);
});

test('each run is a trace of its own', async () => {
  const traces: (string | undefined)[] = [];
  const periodic = start(async () => {
    traces.push(currentTrace()?.traceId);
  }, 0);
  await eventually(() => expect(traces.length).toBeGreaterThan(1));
  await periodic.stop();
  expect(traces).not.toContain(undefined);
  expect(new Set(traces).size).toBe(traces.length);
});
