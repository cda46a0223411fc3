import { pino } from 'pino';

/** Kept in memory while the log cannot be written; what comes on top is dropped. */
const keptBytes = 1024 * 1024;

/**
 * A file, or stdout. A full disk, or a reader of stdout that went away, is no reason to end: this process may hold the only
 * living refresh token (semantics 8), and without a listener a failed write ends it. `told` hears of the first failure and of its
 * end; each line tries again.
 */
export function openLogDestination(
  file?: string,
  told: (problem: string) => void = (problem) => process.stderr.write(`${problem}\n`),
): pino.DestinationStream {
  const destination = pino.destination({
    dest: file ?? 1,
    sync: true,
    mkdir: true,
    maxLength: keptBytes,
  });
  let failed = false;
  let dropped = 0;
  destination.on('error', (error: Error) => {
    if (failed) return;
    failed = true;
    told(`The log (${file ?? 'stdout'}) cannot be written: ${error.message}`);
  });
  destination.on('drop', () => {
    dropped++;
    // What finds the memory full is dropped before anything is tried, so that without this the log would end there for good.
    destination.write('');
  });
  destination.on('drain', () => {
    if (!failed) return;
    failed = false;
    told(`The log (${file ?? 'stdout'}) is written again; ${dropped} lines of it are lost.`);
    dropped = 0;
  });
  return destination;
}
