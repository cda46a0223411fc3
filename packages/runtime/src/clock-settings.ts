import { type Clock, createShiftableClock, type ShiftableClock, systemClock } from './clock.ts';
import type { Settings } from './settings.ts';

/** What a process reads the time from, and the same clock again if tests may move it. */
export type ProcessClock = { clock: Clock; shiftable?: ShiftableClock };

/**
 * `CLOCK_MAY_SHIFT=true` opens `POST /clock` on the internal port, so that tests can move the clocks of several processes to the
 * same place; `CLOCK_OFFSET_MS` is where one begins that joins the others later. Production refuses both: who moves the
 * vault's clock ends its leases.
 */
export function readClock(settings: Settings): ProcessClock {
  const mayShift = settings.flag('CLOCK_MAY_SHIFT', false);
  const offsetMs = settings.integer('CLOCK_OFFSET_MS', 0);
  if (mayShift && settings.optionalText('NODE_ENV') === 'production')
    settings.problem('CLOCK_MAY_SHIFT must not be true while NODE_ENV is production');
  if (!mayShift && offsetMs !== 0)
    settings.problem('CLOCK_OFFSET_MS is only for a clock with CLOCK_MAY_SHIFT=true');
  if (!mayShift) return { clock: systemClock };
  const shiftable = createShiftableClock(systemClock, offsetMs);
  return { clock: shiftable, shiftable };
}
