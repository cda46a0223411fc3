import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { MailsOutcome } from './storm-mails.ts';
import type { StormSettings } from './storm-world.ts';

const child = new URL('./storm-child.ts', import.meta.url).pathname;

export type StormOutcome = MailsOutcome & {
  /** Of the clock. */
  diedInMs: number;
  /** While the verdicts were held. */
  held: {
    mails: number;
    /** Of a sample, the share that is delayed. */
    shareDelayed: number;
    /** What the vault's metrics say. */
    outages: number;
    outagesBegun: number;
  };
  told: number;
  /** Megabytes after a collection: with everything authorized, held, waiting for mails, and when a tenth and all had been told. */
  heap: { before: number; held: number; waiting: number; atATenth: number; after: number };
  phases: Record<string, { seconds: number; cpuSeconds: number }>;
};

/** So many credentials die, are held, confirmed and told of, in a process of its own whose heap is measured. `onProgress` gets a line for each step. */
export async function runStorm(
  credentials: number,
  { perSecond, digestWindowMs }: StormSettings,
  onProgress: (text: string) => void,
): Promise<StormOutcome> {
  const storm = spawn(process.execPath, [
    // What does not fit into this grows with the number of credentials.
    ...['--max-old-space-size=192', '--expose-gc', child],
    ...[credentials, perSecond, digestWindowMs].map(String),
  ]);
  let output = '';
  let progress = '';
  storm.stdout.on('data', (chunk) => (output += chunk));
  storm.stderr.on('data', (chunk) => {
    progress += chunk;
    onProgress(String(chunk));
  });
  const [exitCode] = await once(storm, 'close');
  if (exitCode !== 0) throw new Error(`the storm ended with ${exitCode}: ${progress}`);
  return JSON.parse(output) as StormOutcome;
}
