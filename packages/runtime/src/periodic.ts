import type { Logger } from './logger.ts';

export type Periodic = {
  /** Run soon, without waiting for the interval. */
  wake(): void;
  /** No further run; resolves when the running one is over. */
  stop(): Promise<void>;
};

/**
 * Runs `run` again and again, one at a time: `intervalMs` after the last one ended, at once after `wake()`, or when
 * `run` answers with a shorter wait in milliseconds. A failed run is logged and tried again after the interval.
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
      const timer = setTimeout(resolve, Math.max(0, ms));
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
        const asked = await options.run(stopping.signal);
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

  const running = loop();
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
