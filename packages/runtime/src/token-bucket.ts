import type { Clock } from './clock.ts';

/** At most so many a second, and `burst` at once: a second's worth unless given. */
export type TokenBucket = {
  /** 0: one was taken. Otherwise none was, and there is one in so many milliseconds. */
  take(): number;
};

export function createTokenBucket(options: {
  perSecond: number;
  burst?: number;
  clock: Clock;
}): TokenBucket {
  const { perSecond, burst = Math.max(1, perSecond), clock } = options;
  const intervalMs = 1_000 / perSecond;
  const savedMs = (burst - 1) * intervalMs;
  /** When all that were taken would have gone out one after the other. */
  let takenUntilMs = Number.NEGATIVE_INFINITY;
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  return {
    take() {
      const nowMs = clock.nowMs();
      // A clock that was set back takes its past along.
      if (nowMs < lookedAtMs) takenUntilMs -= lookedAtMs - nowMs;
      lookedAtMs = nowMs;
      takenUntilMs = Math.max(takenUntilMs, nowMs);
      const waitMs = Math.ceil(takenUntilMs - nowMs - savedMs);
      if (waitMs > 0) return waitMs;
      takenUntilMs += intervalMs;
      return 0;
    },
  };
}
