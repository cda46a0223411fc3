import { setTimeout as wait } from 'node:timers/promises';
import { backoffMs, DomainError } from '@credential-renewal/runtime';

/** Whether a call of another service may go through if it is simply made again. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof DomainError)) return false;
  return (
    error.kind === 'unavailable' || error.kind === 'deadline_exceeded' || error.kind === 'aborted'
  );
}

/** Makes a repeatable call up to `attempts` times while the other side is unavailable; any other error ends it at once. */
export async function retryUnavailable<T>(
  work: () => Promise<T>,
  options: {
    attempts: number;
    baseMs: number;
    maxMs: number;
    random: () => number;
    signal?: AbortSignal;
  },
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const last = attempt >= options.attempts || options.signal?.aborted;
      if (last || !isUnavailable(error)) throw error;
      await wait(backoffMs(attempt, options), undefined, { signal: options.signal }).catch(() => {
        throw error;
      });
    }
  }
}
