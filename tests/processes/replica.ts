import { type SpawnedProcess, spawnNode } from '../system/spawned-process.ts';

/** One process of the product, and those that take its place when it is started again. */
export type Replica = {
  /** `oauth-broker 2`. */
  name: string;
  /** Its probes, metrics and clock. */
  internalUrl: string;
  pid(): number;
  isRunning(): boolean;
  /** Resolves when it is ready; rejects with what it printed when it ends before. */
  start(more?: Record<string, string>): Promise<void>;
  /** Ends it with a signal if it runs; resolves with its exit code (null: by a signal). */
  end(signal: NodeJS.Signals): Promise<number | null>;
  /** What it logged, in all its lives. */
  log(): string;
  /** All that it printed, in all its lives. */
  printed(): string;
};

export type ReplicaPlan = {
  name: string;
  /** From the top of the house. */
  main: string;
  internalPort: number;
  env: Record<string, string>;
  /** For what is measured: the heap that Node takes by itself. */
  usualHeap?: boolean;
};

/** What a process prints last when it starts; `startService` in packages/runtime. */
const readyLine = '"msg":"ready"';
const readyWithinMs = 60_000;
/** Ten of them share a machine with their servers. */
const smallHeap = ['--optimize-for-size', '--max-semi-space-size=4', '--max-old-space-size=256'];

export function createReplica({ name, main, internalPort, env, usualHeap }: ReplicaPlan): Replica {
  let running: SpawnedProcess | undefined;
  let isRunning = false;
  const lives: SpawnedProcess[] = [];
  const all = (part: (life: SpawnedProcess) => string) => lives.map(part).join('');

  return {
    name,
    internalUrl: `http://127.0.0.1:${internalPort}`,
    pid: () => running?.pid ?? 0,
    isRunning: () => isRunning,
    async start(more = {}) {
      // Nothing of this shell: a process knows what it is told.
      const started = spawnNode([...(usualHeap ? [] : smallHeap), main], {
        PATH: process.env['PATH'],
        INTERNAL_PORT: String(internalPort),
        ...env,
        ...more,
      });
      running = started;
      isRunning = true;
      lives.push(started);
      void started.ended.then(() => {
        if (running === started) isRunning = false;
      });
      await started.printed(readyLine, readyWithinMs).catch((error: Error) => {
        throw new Error(`${name}: ${error.message}`);
      });
    },
    end: async (signal) => (await running?.end(signal)) ?? null,
    log: () => all((life) => life.told()),
    printed: () => all((life) => life.output()),
  };
}
