import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export type JavaProcess = {
  running(): boolean;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: it keeps its port and its connections, and answers nothing. */
  pause(): void;
  resume(): void;
};

export type JavaCommand = {
  classPath: string;
  mainClass: string;
  /** What is given to the virtual machine itself. */
  machine: readonly string[];
  args: readonly string[];
  logFile: string;
};

/** Quick to start rather than quick for long; a server for tests has little to keep. */
const modest = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.awt.headless=true'];

/**
 * Starts a server of `java/`. It ends when this process does, however that ends (`EndWithParent.java`), and not by a Ctrl-C at the
 * terminal, which the test run wants to answer first: so it is detached.
 */
export function startJava({
  classPath,
  mainClass,
  machine,
  args,
  logFile,
}: JavaCommand): JavaProcess {
  const log = openSync(logFile, 'a');
  const child = spawn('java', [...modest, ...machine, '-cp', classPath, mainClass, ...args], {
    stdio: ['pipe', log, log],
    detached: true,
  });
  closeSync(log);
  letGo(child);
  const ended = once(child, 'exit').catch(() => undefined);
  let watcher: ChildProcess | undefined;

  const running = () =>
    child.pid !== undefined && child.exitCode === null && child.signalCode === null;

  function resume(): void {
    watcher?.stdin?.end();
    watcher = undefined;
  }

  return {
    running,
    async kill() {
      if (running()) {
        child.ref();
        child.kill('SIGKILL');
        await ended;
      }
      resume();
    },
    pause() {
      if (watcher || !running()) return;
      watcher = spawnWatcher(child);
      child.kill('SIGSTOP');
    },
    resume,
  };
}

/**
 * A stopped process does not see that we are gone. So somebody waits for the end of a pipe that we hold, whether we close it (to resume) or die, and
 * wakes it; after our death it then finds its own input ended.
 */
function spawnWatcher(child: ChildProcess): ChildProcess {
  const watcher = spawn('sh', ['-c', 'read -r line; kill -CONT "$1"', 'sh', `${child.pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  letGo(watcher);
  return watcher;
}

/** Its life is no reason for this process to live on. */
function letGo(child: ChildProcess): void {
  child.unref();
  if (child.stdin && 'unref' in child.stdin) (child.stdin as unknown as { unref(): void }).unref();
  child.stdin?.on('error', () => undefined);
}

/** Resolves when the server answers; rejects with the end of its log when it ends before, or takes too long. */
export async function awaitAnswer(
  server: JavaProcess,
  logFile: string,
  answers: () => Promise<boolean>,
  withinMs: number,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await answers())) {
    const why = server.running() ? `does not answer within ${withinMs} ms` : 'has ended';
    if (!server.running() || performance.now() > deadline) {
      const log = readFileSync(logFile, 'utf8').split('\n').slice(-25).join('\n');
      await server.kill();
      throw new Error(`The server ${why}. Its log ends with:\n${log}`);
    }
    await delay(50);
  }
}
