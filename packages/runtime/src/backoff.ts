export type BackoffOptions = {
  baseMs: number;
  maxMs: number;
  /** Uniform in [0, 1); injected so that tests can pin it. */
  random: () => number;
};

/**
 * The wait before attempt `attempt` (1 is the first retry): exponential with equal jitter, so that a storm of
 * clients neither retries in step nor hammers at once.
 */
export function backoffMs(attempt: number, { baseMs, maxMs, random }: BackoffOptions): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
