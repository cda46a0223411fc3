/** Wall-clock time. Timeouts do not use it: they are monotonic. */
export type Clock = { nowMs(): number };

export const systemClock: Clock = { nowMs: () => Date.now() };

export type ShiftableClock = Clock & {
  advance(ms: number): void;
  /** How far ahead of its base it is. */
  offsetMs(): number;
  /** So far ahead, unless it is further already: time does not run backwards. */
  shiftTo(offsetMs: number): void;
};

/**
 * A clock that tests and the demo world can move forward. `services/standalone` composes it, and a service whose settings say so
 * (`clock-settings.ts`); never in production.
 */
export function createShiftableClock(base: Clock = systemClock, startOffsetMs = 0): ShiftableClock {
  let offsetMs = startOffsetMs;
  return {
    nowMs: () => base.nowMs() + offsetMs,
    offsetMs: () => offsetMs,
    advance(ms) {
      offsetMs += ms;
    },
    shiftTo(target) {
      offsetMs = Math.max(offsetMs, target);
    },
  };
}
