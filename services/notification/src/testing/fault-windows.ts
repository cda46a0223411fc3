/** What happens to a step of a process, which is one request to the database: it is held up, or fails, or is done and fails. */
export type Fault = (step: () => Promise<unknown>) => Promise<unknown>;

/**
 * Where a process is hit, and how: it ends before a step, or after it, or sleeps, or hears of a failure while its request is still on
 * its way.
 */
export type Window = {
  at: number;
  how: 'ends before' | 'ends after' | 'sleeps before' | 'comes late';
};

export const everyHow = ['ends before', 'ends after', 'sleeps before', 'comes late'] as const;

export class ProcessEndedError extends Error {}

/** A fault for one process. `met` resolves at its moment; `release` lets the sleeper go on and the late request arrive. */
export function faultAt({ at, how }: Window) {
  let steps = 0;
  let ended = false;
  const gate = Promise.withResolvers<void>();
  const met = Promise.withResolvers<void>();
  let late: Promise<unknown> = Promise.resolve();
  const fault: Fault = async (step) => {
    if (ended) throw new ProcessEndedError();
    if (++steps !== at) return step();
    met.resolve();
    switch (how) {
      case 'ends before':
        ended = true;
        throw new ProcessEndedError();
      case 'ends after':
        ended = true;
        await step();
        throw new ProcessEndedError();
      case 'sleeps before':
        await gate.promise;
        return step();
      case 'comes late':
        late = gate.promise.then(step);
        throw new ProcessEndedError();
      default:
        return how satisfies never;
    }
  };
  return {
    fault,
    met: met.promise,
    /** Whether there was such a step. */
    reached: () => steps >= at,
    async release() {
      gate.resolve();
      await late;
    },
  };
}

/** Runs the case at the first step, the second, ... until there is no such step any more, and says how many there were. */
export async function inEachWindow(
  hows: readonly Window['how'][],
  runCase: (window: Window) => Promise<{ reached: boolean }>,
): Promise<number> {
  let windows = 0;
  for (const how of hows) {
    for (let at = 1; (await runCase({ at, how })).reached; at++) windows++;
  }
  return windows;
}
