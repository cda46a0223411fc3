/** Work that runs side by side, at most so many at once, each under a key of its own. */
export type Lanes = {
  readonly size: number;
  has(key: string): boolean;
  hasRoom(): boolean;
  start(key: string, work: () => Promise<void>): void;
  /** Resolves when one is over, or after `atMostMs`; at once, where none runs. Rejects with the first failure. */
  someFree(atMostMs?: number): Promise<void>;
  /** Resolves when all are over. Rejects with the first failure. */
  allFree(): Promise<void>;
};

export function createLanes(most: number): Lanes {
  const running = new Map<string, Promise<void>>();
  let failure: { error: unknown } | undefined;

  function throwFailure(): void {
    if (!failure) return;
    const { error } = failure;
    failure = undefined;
    throw error;
  }

  return {
    get size() {
      return running.size;
    },
    has: (key) => running.has(key),
    hasRoom: () => running.size < most,
    start(key, work) {
      const run = async () => {
        try {
          await work();
        } catch (error) {
          failure ??= { error };
        } finally {
          running.delete(key);
        }
      };
      running.set(key, Promise.resolve().then(run));
    },
    async someFree(atMostMs) {
      if (running.size === 0) return throwFailure();
      const ends: Promise<unknown>[] = [...running.values()];
      let timer: NodeJS.Timeout | undefined;
      if (atMostMs !== undefined) {
        ends.push(new Promise((resolve) => (timer = setTimeout(resolve, atMostMs))));
      }
      await Promise.race(ends);
      clearTimeout(timer);
      throwFailure();
    },
    async allFree() {
      while (running.size > 0) await Promise.all(running.values());
      throwFailure();
    },
  };
}
