import type { Logger } from './logger.ts';
import { runWithTrace } from './span.ts';

export type Periodic = {
  /** Run soon, without waiting for the interval. */
  wake(): void;
  /** No further run; resolves when the running one is over. */
  stop(): Promise<void>;
};

/** What a timer of Node can hold; a longer wait would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Runs `run` again and again, one at a time and each in a trace of its own: soon after the call, `intervalMs` after the last
 * one ended, at once after `wake()`, or when `run` answers with a shorter wait in milliseconds. A failed run is logged and
 * tried again after the interval.
 */
export function createPeriodic(options: {
  name: string;
  intervalMs: number;
  logger: Logger;
  run: (signal: AbortSignal) => Promise<unknown>;
}): Periodic {
  const stopping = new AbortController();
  let wakeUp: (() => void) | undefined;
  let woken = false;

  async function pause(ms: number): Promise<void> {
    if (woken || stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(Math.max(0, ms), longestTimerMs));
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    wakeUp = undefined;
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = false;
      let waitMs = options.intervalMs;
      try {
        const asked = await runWithTrace(
          undefined,
          () => options.run(stopping.signal),
          options.name,
        );
        if (typeof asked === 'number') waitMs = Math.min(asked, options.intervalMs);
      } catch (err) {
        if (!stopping.signal.aborted) {
          options.logger.error(
            { err, periodic: options.name },
            'a periodic run failed; it is tried again',
          );
        }
      }
      await pause(waitMs);
    }
  }

  // Not at once: `run` may speak of what the caller is still putting together, this periodic included.
  const running = Promise.resolve().then(loop);
  return {
    wake() {
      woken = true;
      wakeUp?.();
    },
    async stop() {
      stopping.abort();
      wakeUp?.();
      await running;
    },
  };
}
