import { type ChildProcess, spawn } from 'node:child_process';
import { top } from '../check/source-files.ts';

export type SpawnedProcess = {
  pid: number;
  /** Resolves with the exit code when it has ended (null: by a signal). */
  ended: Promise<number | null>;
  /** What it printed, to either stream. */
  output(): string;
  /** What it printed to its standard output: a service's log. */
  told(): string;
  /** What it printed to say why it does not start. */
  errors(): string;
  /** Resolves when it has printed this text; rejects when it ends before, or takes too long. */
  printed(text: string, withinMs: number): Promise<void>;
  /** Ends it with a signal; resolves with its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
};

/** Runs node from the top of the house; `env` is all of its environment, but for where tests keep compiled code (`vitest.config.ts`). */
export function spawnNode(args: readonly string[], env: NodeJS.ProcessEnv): SpawnedProcess {
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: top,
    env: { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let told = '';
  let errors = '';
  const heard = new Set<() => void>();
  const ended = new Promise<number | null>((done) => child.on('close', (code) => done(code)));
  child.stdout?.on('data', (chunk: Buffer) => {
    told += chunk.toString();
    take(chunk.toString());
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
    take(chunk.toString());
  });

  function take(text: string): void {
    output += text;
    for (const listener of heard) listener();
  }

  return {
    pid: child.pid ?? 0,
    ended,
    output: () => output,
    told: () => told,
    errors: () => errors,
    async printed(text, withinMs) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = () => output.includes(text) && resolve();
      const timer = setTimeout(() => reject(new Error(`not in time:\n${output}`)), withinMs);
      ended.then((code) => reject(new Error(`ended with ${code} too early:\n${output}`)));
      heard.add(look);
      look();
      return promise.finally(() => {
        clearTimeout(timer);
        heard.delete(look);
      });
    },
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return ended;
    },
  };
}
