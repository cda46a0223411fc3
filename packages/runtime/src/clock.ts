/** Wall-clock time. Timeouts do not use it: they are monotonic. */
export type Clock = { nowMs(): number };

export const systemClock: Clock = { nowMs: () => Date.now() };

export type ShiftableClock = Clock & { advance(ms: number): void };

/** A clock that tests and the demo world can move forward. Only `services/standalone` composes it, and never in production. */
export function createShiftableClock(base: Clock = systemClock): ShiftableClock {
  let offsetMs = 0;
  return {
    nowMs: () => base.nowMs() + offsetMs,
    advance(ms) {
      offsetMs += ms;
    },
  };
}
