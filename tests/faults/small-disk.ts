import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type SmallDisk = {
  /** `file system`: a real one that runs out of room. `limit`: whatever a process writes to any file fails. */
  kind: 'file system' | 'limit';
  directory: string;
  /** On another disk. */
  elsewhere: string;
  /** For the process that is to write to it. */
  env: Record<string, string>;
  /** From now on that process stores nothing more. */
  fill(pid: number): void;
  makeRoom(pid: number): void;
  dispose(): void;
};

const sizeMb = 64;

/**
 * A disk that can be full: a tmpfs of its own where one may be mounted, and else a directory whose writer gets a limit on the size of its files
 * (`SMALL_DISK=limit` asks for that one).
 */
export function openSmallDisk(): SmallDisk {
  const root = mkdtempSync(join(tmpdir(), 'small-disk-'));
  const directory = join(root, 'disk');
  const elsewhere = join(root, 'elsewhere');
  for (const path of [directory, elsewhere]) mkdirSync(path);
  const isMounted =
    process.env['SMALL_DISK'] !== 'limit' &&
    can('mount', '-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', directory);
  return {
    ...{ directory, elsewhere },
    ...(isMounted ? fullFileSystem(join(directory, 'ballast')) : limitedFiles()),
    dispose() {
      if (isMounted) execFileSync('umount', [directory]);
      rmSync(root, { recursive: true });
    },
  };
}

/** Both need Linux; `prlimit` is part of its util-linux. */
export const canBeFull = process.platform === 'linux' && can('prlimit', '--version');

function fullFileSystem(ballast: string): Pick<SmallDisk, 'kind' | 'env' | 'fill' | 'makeRoom'> {
  return {
    ...{ kind: 'file system', env: {} },
    fill() {
      const file = openSync(ballast, 'w');
      try {
        for (;;) writeSync(file, Buffer.alloc(4_096));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    makeRoom: () => rmSync(ballast),
  };
}

function limitedFiles(): Pick<SmallDisk, 'kind' | 'env' | 'fill' | 'makeRoom'> {
  const limit = (pid: number, bytes: string) =>
    void execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
  return {
    kind: 'limit',
    // The signal that comes with such a write would end the process.
    env: { NODE_OPTIONS: "--import=data:text/javascript,process.on('SIGXFSZ',()=>{})" },
    fill: (pid) => limit(pid, '1'),
    makeRoom: (pid) => limit(pid, 'unlimited'),
  };
}

function can(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
