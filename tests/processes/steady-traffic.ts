/** Calls that go on while something happens to the product, and what came of them. */
export type SteadyTraffic = {
  /** How many have been answered, per lane. */
  answered(): Record<string, number>;
  /** Resolves when the running calls are over; answers with every failure. */
  stop(): Promise<string[]>;
};

/** Each lane calls again as soon as it has an answer, or a failure. */
export function startTraffic(lanes: Record<string, () => Promise<unknown>>): SteadyTraffic {
  const stopping = new AbortController();
  const failures: string[] = [];
  const counts: Record<string, number> = {};
  const running = Object.entries(lanes).map(async ([lane, call]) => {
    counts[lane] = 0;
    while (!stopping.signal.aborted) {
      try {
        await call();
        counts[lane] += 1;
      } catch (error) {
        failures.push(`${lane}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  });
  return {
    answered: () => ({ ...counts }),
    async stop() {
      stopping.abort();
      await Promise.all(running);
      return failures;
    },
  };
}
