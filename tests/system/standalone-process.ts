import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRpcClient } from '@credential-renewal/rpc';
import { top } from '../check/source-files.ts';
import { validateEmbeddedEvents } from '../contract/validate-events.ts';
import { freePorts } from './free-ports.ts';
import { filesBelow, untilDemoSourcesMade } from './kept-files.ts';
import type { Product } from './product.ts';
import { readMetrics } from './read-metrics.ts';
import { type SpawnedProcess, spawnNode } from './spawned-process.ts';

/** The product in one process: what people run with `npm start`. */
export type StandaloneProcess = Omit<Product, 'restart'> & {
  internalUrl: string;
  dataDirectory: string;
  /** What Prometheus would read, of each process. */
  metrics(): Promise<string[]>;
  pid(): number;
  /** What it printed to the terminal. */
  output(): string;
  /** Starts it again on the same ports and data. */
  restart(env?: Record<string, string>): Promise<void>;
};

const readyWithinMs = 30_000;

/** Runs `npm start`'s process with ports and data of its own; resolves when it says that it is ready. */
export async function startStandaloneProcess(
  env: Record<string, string> = {},
): Promise<StandaloneProcess> {
  const [port, demoPort, internalPort] = await freePorts(3);
  const directory = mkdtempSync(join(tmpdir(), 'cr-test-'));
  const dataDirectory = env['DATA_DIR'] ?? join(directory, 'data');
  const settings = {
    PORT: String(port),
    DEMO_PORT: String(demoPort),
    INTERNAL_PORT: String(internalPort),
    DATA_DIR: dataDirectory,
    // The services' sockets are found below it.
    TMPDIR: directory,
    ...env,
  };
  let running = launch(settings);

  const standalone: StandaloneProcess = {
    gatewayUrl: `http://localhost:${port}`,
    gatewayUrls: [`http://localhost:${port}`],
    demoUrl: `http://localhost:${demoPort}`,
    internalUrl: `http://127.0.0.1:${internalPort}`,
    dataDirectory,
    demoDirectory: dataDirectory,
    address(service) {
      // A killed run leaves its directory behind; the newest is the running one's.
      const found = readdirSync(directory)
        .map((name) => join(directory, name, service))
        .filter((path) => existsSync(path));
      return `unix:${found.at(-1)}`;
    },
    connect: (definition, service, options) =>
      createRpcClient(definition, standalone.address(service), options),
    metrics: async () => [await readMetrics(standalone.internalUrl)],
    pid: () => running.pid,
    output: () => running.output(),
    log: () => readFileSync(join(dataDirectory, 'standalone.log'), 'utf8'),
    demoSourcesMade: () => untilDemoSourcesMade(dataDirectory),
    everythingKept: async () => filesBelow(dataDirectory).filter(({ name }) => !isOfDemo(name)),
    end: (signal = 'SIGTERM') => running.end(signal),
    async restart(more = {}) {
      await running.end('SIGKILL');
      for (const name of readdirSync(directory)) {
        if (name.startsWith('cr-')) rmSync(join(directory, name), { recursive: true });
      }
      running = launch({ ...settings, ...more });
      await running.ready;
    },
    async dispose() {
      await running.end('SIGKILL');
      try {
        // Here, so that nothing that any of these tests has caused goes unseen.
        await validateEmbeddedEvents(join(dataDirectory, 'events'));
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
  await running.ready.catch(async (error) => {
    await standalone.dispose();
    throw error;
  });
  return standalone;
}

/** The demo world has to know what it issued. */
const isOfDemo = (name: string) => name.startsWith('demo-provider.db') || name.startsWith('demo/');

/** `ready` rejects when it ends before. */
export type RunningProcess = SpawnedProcess & { ready: Promise<void> };

/** The process alone, for those who expect it not to start. */
export function launch(env: Record<string, string>): RunningProcess {
  const running = spawnNode(startArguments(), { ...process.env, ...env });
  const ready = running.printed('is ready.', readyWithinMs);
  ready.catch(() => undefined);
  return { ...running, ready };
}

/** What `npm start` passes to node, so that tests and benchmarks run what people run. */
function startArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  return scripts.start.split(' ').slice(1);
}
