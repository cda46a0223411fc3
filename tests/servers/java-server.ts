import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { javaClassPath } from './java-classes.ts';
import { type JavaProcess, startJava } from './java-process.ts';
import type { ServerNode } from './server-node.ts';

export type JavaServer = {
  kind: 'kafka' | 'mongo';
  mainClass: string;
  /** What is given to the virtual machine itself. */
  machine: readonly string[];
  /** `directory` is its own, and removed with it. */
  args(directory: string): readonly string[];
  /** What lies in its directory before it starts. */
  files(directory: string): Record<string, string>;
  answers(): Promise<boolean>;
  withinMs: number;
};

const pollMs = 50;

/** A server of `java/` as a process of ours; resolves when it answers. */
export async function startJavaServer(server: JavaServer): Promise<ServerNode> {
  const classPath = await javaClassPath(server.kind);
  const directory = mkdtempSync(join(tmpdir(), `cr-${server.kind}-`));
  const logFile = join(directory, 'log');
  let running: JavaProcess | undefined;

  async function start(): Promise<void> {
    if (running?.isAlive()) return;
    running = startJava({
      classPath,
      mainClass: server.mainClass,
      machine: server.machine,
      args: server.args(directory),
      logFile,
    });
    const deadline = performance.now() + server.withinMs;
    while (!(await server.answers())) {
      const isLate = performance.now() > deadline;
      if (isLate || !running.isAlive()) {
        await running.kill();
        const why = isLate ? `does not answer within ${server.withinMs} ms` : 'has ended';
        throw new Error(`${server.mainClass} ${why}. Its log ends with:\n${tail(logFile)}`);
      }
      await delay(pollMs);
    }
  }

  async function stop(): Promise<void> {
    await running?.kill();
    rmSync(directory, { recursive: true, force: true });
  }

  for (const [name, text] of Object.entries(server.files(directory))) {
    writeFileSync(join(directory, name), text);
  }
  await start().catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    kill: async () => running?.kill(),
    pause: async () => running?.pause(),
    resume: async () => running?.resume(),
    start,
    stop,
  };
}

const tail = (file: string): string => readFileSync(file, 'utf8').split('\n').slice(-25).join('\n');
