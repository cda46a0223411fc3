import { DomainError } from './domain-error.ts';
import type { Logger } from './logger.ts';
import { ConfigurationInvalidError } from './settings.ts';

export type RunningProcess = { stop(): Promise<void> };

/**
 * Starts the one thing a process is for and stops it cleanly on SIGINT and SIGTERM: `stop` drains, and a second
 * signal or `drainTimeoutMs` ends the wait. A signal during the start is obeyed as soon as there is something to stop. An
 * error at start is said in one plain sentence and exits with 1.
 */
export async function runProcess(options: {
  start: () => Promise<RunningProcess>;
  /** What an expected error at start means in plain words; undefined: print it whole. */
  explain?: (error: unknown) => string | undefined;
  logger?: Logger;
  drainTimeoutMs?: number;
}): Promise<void> {
  const starting = Promise.resolve().then(options.start);
  let stopping = false;

  const stop = async () => {
    if (stopping) process.exit(130);
    stopping = true;
    const timer = setTimeout(() => {
      process.stderr.write('Not everything could be finished in time; leaving.\n');
      process.exit(1);
    }, options.drainTimeoutMs ?? 20_000);
    timer.unref();
    try {
      await (await starting).stop();
      process.exit(0);
    } catch (error) {
      options.logger?.error({ err: error }, 'stopping failed');
      process.exit(1);
    }
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());

  try {
    await starting;
  } catch (error) {
    const told = options.explain?.(error) ?? plainMessage(error);
    process.stderr.write(`${told}\n`);
    process.exit(1);
  }
}

function plainMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Our own errors and the system's (a port in use) are a sentence; anything else is a bug, and its stack is what helps.
  const isExpected =
    error instanceof DomainError ||
    error instanceof ConfigurationInvalidError ||
    'syscall' in error;
  return isExpected ? error.message : (error.stack ?? error.message);
}
