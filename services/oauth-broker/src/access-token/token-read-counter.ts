import { type Clock, createPeriodic, type Logger } from '@credential-renewal/runtime';
import { type TokenReadStore, type TokenReads, tokenReadsId } from '../store/token-read-store.ts';

export type TokenReadCounter = {
  /** Costs a read nothing but memory: no write, no wait. */
  record(read: Pick<TokenReads, 'accountId' | 'credentialId' | 'worker'>): void;
  /** What was recorded before the call is in the store when it resolves; rejects with the store's error, and keeps what is not. */
  flush(): Promise<void>;
  /** Counts that are not in the store yet. */
  waiting(): number;
  /** Stores what is waiting. */
  stop(): Promise<void>;
};

/** As many days are kept and told. */
export const keptDays = 30;
const dayMs = 24 * 60 * 60_000;
/** While the store is away; a read is served all the same, and goes uncounted. */
const mostWaiting = 100_000;
const writesAtOnce = 50;

export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const firstKeptDay = (nowMs: number): string => dayOf(nowMs - (keptDays - 1) * dayMs);

/**
 * Counts who reads which token how often. A read is counted in memory, and the counts are added to the store every few seconds, one
 * write for each credential and worker: a process that is killed loses the counts since then, at most `intervalMs` of them.
 */
export function createTokenReadCounter(options: {
  store: TokenReadStore;
  clock: Clock;
  logger: Logger;
  onUncounted: () => void;
  intervalMs?: number;
  mostWaiting?: number;
}): TokenReadCounter {
  const { store, clock, logger, intervalMs = 5_000 } = options;
  const room = options.mostWaiting ?? mostWaiting;
  let waiting = new Map<string, TokenReads>();
  let flushing = Promise.resolve();
  let forgottenBefore = '';

  let today = { number: Number.NaN, day: '' };
  function dayAt(nowMs: number): string {
    const number = Math.floor(nowMs / dayMs);
    if (number !== today.number) today = { number, day: dayOf(nowMs) };
    return today.day;
  }

  function put(reads: TokenReads): void {
    const id = tokenReadsId(reads);
    const known = waiting.get(id);
    if (known) {
      known.count += reads.count;
      known.lastReadAtMs = Math.max(known.lastReadAtMs, reads.lastReadAtMs);
    } else if (waiting.size < room) {
      waiting.set(id, reads);
    } else {
      for (let lost = 0; lost < reads.count; lost += 1) options.onUncounted();
    }
  }

  async function writeWaiting(): Promise<void> {
    const batch = [...waiting.values()];
    waiting = new Map();
    let failure: PromiseRejectedResult | undefined;
    for (let at = 0; at < batch.length; at += writesAtOnce) {
      const some = batch.slice(at, at + writesAtOnce);
      // Where the store is away each would wait for it in vain.
      const written = failure ? undefined : await Promise.allSettled(some.map(store.add));
      for (const [index, reads] of some.entries()) {
        const result = written?.[index];
        if (result?.status === 'fulfilled') continue;
        put(reads);
        failure ??= result;
      }
    }
    if (failure) throw failure.reason;
  }

  /** One at a time, and after those that are under way, so that whoever waits finds the counts of all of them. */
  function flush(): Promise<void> {
    const mine = flushing.then(writeWaiting);
    flushing = mine.catch(() => undefined);
    return mine;
  }

  const periodic = createPeriodic({
    name: 'token read counts',
    ...{ intervalMs, logger },
    async run() {
      await flush();
      const before = firstKeptDay(clock.nowMs());
      if (before !== forgottenBefore) await store.forget(before);
      forgottenBefore = before;
    },
  });

  return {
    record(read) {
      const nowMs = clock.nowMs();
      const day = dayAt(nowMs);
      // Every read comes by here, so a known count is no more than a look-up.
      const { credentialId, worker } = read;
      const known = waiting.get(tokenReadsId({ day, credentialId, worker }));
      if (!known) return put({ ...read, day, count: 1, lastReadAtMs: nowMs });
      known.count += 1;
      known.lastReadAtMs = nowMs;
    },
    flush,
    waiting: () => waiting.size,
    async stop() {
      await periodic.stop();
      await flush().catch((err: unknown) =>
        logger.warn({ err, counts: waiting.size }, 'counts of token reads are lost with this stop'),
      );
    },
  };
}
