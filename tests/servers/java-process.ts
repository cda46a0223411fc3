import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type JavaProcess = {
  isAlive(): boolean;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: it keeps its port and its connections, and answers nothing. Resolves when that is so. */
  pause(): Promise<void>;
  resume(): Promise<void>;
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

  const isAlive = () =>
    child.pid !== undefined && child.exitCode === null && child.signalCode === null;

  async function resume(): Promise<void> {
    const leaving = watcher;
    watcher = undefined;
    if (!leaving) return;
    leaving.ref();
    const woken = once(leaving, 'exit');
    leaving.stdin?.end();
    // Otherwise it could wake what is paused anew.
    await woken;
  }

  return {
    isAlive,
    async kill() {
      if (isAlive()) {
        child.ref();
        child.kill('SIGKILL');
        await ended;
      }
      await resume();
    },
    async pause() {
      if (watcher || !isAlive()) return;
      watcher = spawnWatcher(child);
      child.kill('SIGSTOP');
      // One of its threads must get to run before all of them stop: on a busy machine another one answers meanwhile.
      while (isAlive() && !(await isStopped(child.pid))) await delay(5);
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

async function isStopped(pid: number | undefined): Promise<boolean> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // pid (command) state ...
    return stat.slice(stat.lastIndexOf(')')).startsWith(') T');
  }
  const { stdout } = await run('ps', ['-o', 'state=', '-p', `${pid}`]);
  return stdout.startsWith('T');
}

/** Its life is no reason for this process to live on. */
function letGo(child: ChildProcess): void {
  child.unref();
  if (child.stdin && 'unref' in child.stdin) (child.stdin as unknown as { unref(): void }).unref();
  child.stdin?.on('error', () => undefined);
}
