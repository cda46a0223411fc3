import type { Clock } from '@credential-renewal/runtime';

/** At most so many a second, and a second's worth at once. */
export type TokenBucket = {
  /** 0: one was taken. Otherwise none was, and there is one in so many milliseconds. */
  take(): number;
};

export function createTokenBucket(options: { perSecond: number; clock: Clock }): TokenBucket {
  const { perSecond, clock } = options;
  const most = Math.max(1, perSecond);
  let tokens = most;
  let filledAtMs = clock.nowMs();

  return {
    take() {
      const nowMs = clock.nowMs();
      // A clock that was set back neither fills nor empties it.
      const passedMs = Math.max(0, nowMs - filledAtMs);
      filledAtMs = nowMs;
      tokens = Math.min(most, tokens + (passedMs / 1000) * perSecond);
      if (tokens < 1) return Math.ceil(((1 - tokens) / perSecond) * 1000);
      tokens -= 1;
      return 0;
    },
  };
}
