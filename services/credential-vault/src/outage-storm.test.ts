import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

const child = new URL('./testing/outage-storm.child.ts', import.meta.url).pathname;

/** 50,000 take a minute of two processors: `OUTAGE_STORM_CREDENTIALS=50000`. */
const count = Number(process.env['OUTAGE_STORM_CREDENTIALS'] ?? 5_000);

test('thousands of credentials that die within a minute are held, in the memory of a few, and expire once each when the hold is over', async () => {
  const storm = spawn(process.execPath, [
    // What does not fit into this grows with the number of credentials.
    ...['--max-old-space-size=96', '--expose-gc'],
    child,
    String(count),
  ]);
  let output = '';
  let errors = '';
  storm.stdout.on('data', (chunk) => (output += chunk));
  storm.stderr.on('data', (chunk) => (errors += chunk));
  const [exitCode] = await once(storm, 'close');
  expect([exitCode, errors]).toEqual([0, '']);
  const outcome = JSON.parse(output) as Record<string, number>;
  expect(outcome).toMatchObject({
    expiredEvents: count,
    ...{ expiredMoreThanOnce: 0, neverExpired: 0 },
  });
  // The two that could not be known to be the first of many.
  expect(outcome['expiredDuringHold']).toBe(2);
  expect(outcome['heapHeldMb']).toBeLessThan((outcome['heapBeforeMb'] ?? 0) + 15);
  expect(outcome['heapAfterMb']).toBeLessThan((outcome['heapBeforeMb'] ?? 0) + 15);
}, 600_000);
