import type { Clock, Logger } from '@credential-renewal/runtime';
import type { TokenContext } from './encryption/token-cipher.ts';
import type { TokenUnreadableError } from './errors.ts';
import type { VaultMetrics } from './metrics.ts';

/**
 * Records whose tokens were not to be opened a moment ago. Nothing is written to such a record, so it stays due; the sweeps leave it
 * out for a while instead, lest a thousand of them stand in everybody's way. In memory: each replica finds out for itself.
 */
export type UndecryptableRecords = {
  /** True: it was not among them. */
  add(id: string): boolean;
  has(id: string): boolean;
  size(): number;
};

/** After that it is tried again: somebody may have brought the key back. */
const leftOutMs = 5 * 60_000;
const most = 10_000;

export function createUndecryptableRecords(clock: Clock): UndecryptableRecords {
  const until = new Map<string, number>();

  function forgetOld(): void {
    const nowMs = clock.nowMs();
    for (const [id, untilMs] of until) {
      // In the order of their moments, and a clock that was set back must not keep them for ever.
      if (untilMs > nowMs && untilMs <= nowMs + leftOutMs) return;
      until.delete(id);
    }
  }

  return {
    add(id) {
      forgetOld();
      const isNew = !until.has(id);
      until.delete(id);
      until.set(id, clock.nowMs() + leftOutMs);
      const [oldest] = until.keys();
      if (until.size > most && oldest !== undefined) until.delete(oldest);
      return isNew;
    },
    has(id) {
      forgetOld();
      return until.has(id);
    },
    size() {
      forgetOld();
      return until.size;
    },
  };
}

/** What happens when a token does not open: counted each time, and told once in a while, so that a caller who asks again and again fills no log. */
export function tellUnreadable(deps: {
  undecryptable: UndecryptableRecords;
  metrics: VaultMetrics;
  logger: Logger;
}): (error: TokenUnreadableError, context: TokenContext) => void {
  return (err, { accountId, recordId, field }) => {
    deps.metrics.decryptFailed(err.reason);
    if (!deps.undecryptable.add(recordId)) return;
    deps.logger.error(
      { err, record_id: recordId, account_id: accountId, field },
      'a stored token cannot be opened; the record is left as it is',
    );
  };
}
