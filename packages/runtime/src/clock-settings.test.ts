import { expect, test } from 'vitest';
import { readClock } from './clock-settings.ts';
import { readSettings } from './settings.ts';

const read = (env: Record<string, string>) => readSettings(env, readClock);

test('the clock of a process is the system clock and cannot be moved, unless the settings say so', () => {
  expect(read({}).shiftable).toBeUndefined();
  const { clock, shiftable } = read({ CLOCK_MAY_SHIFT: 'true', CLOCK_OFFSET_MS: '3600000' });
  shiftable?.advance(1_000);
  expect(clock.nowMs() - Date.now()).toBeCloseTo(3_601_000, -3);
});

test.each<[Record<string, string>, string]>([
  [
    { CLOCK_MAY_SHIFT: 'true', NODE_ENV: 'production' },
    'CLOCK_MAY_SHIFT must not be true while NODE_ENV is production',
  ],
  [{ CLOCK_OFFSET_MS: '1' }, 'CLOCK_OFFSET_MS is only for a clock with CLOCK_MAY_SHIFT=true'],
])('%j is refused at start', (env, problem) => {
  expect(() => read(env)).toThrow(expect.objectContaining({ problems: [problem] }));
});
