import { type Clock, createTokenBucket } from '@credential-renewal/runtime';
import { RequestRateExceededError } from '../errors.ts';

export type RateBound = {
  /** Throws RequestRateExceededError, with how long to wait, when there were too many lately. */
  take(): void;
};

/**
 * For what anybody may call. One for all callers: behind a proxy they cannot be told apart, and mail providers, who are the callers in bulk,
 * come again after a 429.
 */
export function createRateBound(options: {
  clock: Clock;
  perSecond: number;
  burst: number;
}): RateBound {
  const bucket = createTokenBucket(options);
  return {
    take() {
      const waitMs = bucket.take();
      if (waitMs > 0) throw new RequestRateExceededError(waitMs);
    },
  };
}
