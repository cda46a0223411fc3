import { backoffMs } from '@credential-renewal/runtime';
import { explainMongoError, isPassing } from './explain-mongo-error.ts';

export type Insistence = {
  /** Of the database, for the error. */
  place: string;
  random?: () => number;
  /** No further attempt begins after this. */
  budgetMs?: number;
};

/** Shorter than a caller's deadline of five seconds together with what one attempt may take. */
const defaultBudgetMs = 4_000;

/**
 * Runs `attempt` again, with backoff and jitter, while it fails for a reason that passes (an election, a cut connection) and the
 * budget lasts; then the error is a DatabaseUnavailableError. `again` tells that an earlier attempt may have done the work
 * without our hearing of it.
 */
export async function insist<T>(
  attempt: (again: boolean) => Promise<T>,
  { place, random = Math.random, budgetMs = defaultBudgetMs }: Insistence,
): Promise<T> {
  const endMs = performance.now() + budgetMs;
  for (let failures = 0; ; ) {
    try {
      return await attempt(failures > 0);
    } catch (error) {
      failures++;
      const waitMs = backoffMs(failures, { baseMs: 50, maxMs: 1_000, random });
      if (!isPassing(error) || performance.now() + waitMs > endMs) {
        throw explainMongoError(error, place);
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}
