import type { Clock } from '@credential-renewal/runtime';
import { RequestRateExceededError } from '../errors.ts';

export type RateBound = {
  /** Throws RequestRateExceededError, with how long to wait, when there were too many lately. */
  take(): void;
};

/**
 * A token bucket for what anybody may call. One for all callers: behind a proxy they cannot be told apart, and mail providers, who are the
 * callers in bulk, come again after a 429.
 */
export function createRateBound(options: {
  clock: Clock;
  perSecond: number;
  burst: number;
}): RateBound {
  const { clock, perSecond, burst } = options;
  let left = burst;
  let countedAtMs = clock.nowMs();

  return {
    take() {
      const nowMs = clock.nowMs();
      // A clock that was set back gives nothing and takes nothing.
      const passedMs = Math.max(0, nowMs - countedAtMs);
      left = Math.min(burst, left + (passedMs / 1000) * perSecond);
      countedAtMs = nowMs;
      if (left < 1) throw new RequestRateExceededError(Math.ceil(((1 - left) / perSecond) * 1000));
      left -= 1;
    },
  };
}
