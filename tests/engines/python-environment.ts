import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = join(
  process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
  'credential-renewal-tests',
);

/**
 * The Python of an environment that has what a requirements file names, made once for all runs of this user; undefined where there is no
 * Python 3.9 or newer.
 */
export async function pythonWith(requirements: string): Promise<string | undefined> {
  const version = await pythonVersion();
  if (version === undefined) return undefined;
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  const home = join(cache, `python-${version}-${hash.slice(0, 12)}`);
  if (!existsSync(home)) await prepare(home, requirements);
  return join(home, 'bin', 'python');
}

async function pythonVersion(): Promise<string | undefined> {
  const program = 'import sys; print("%d.%d" % sys.version_info[:2], sys.version_info >= (3, 9))';
  try {
    const { stdout } = await run('python3', ['-c', program]);
    const [version, isNewEnough] = stdout.trim().split(' ');
    return isNewEnough === 'True' ? version : undefined;
  } catch {
    return undefined;
  }
}

async function prepare(home: string, requirements: string): Promise<void> {
  // Elsewhere first, so that whoever finds the directory finds it whole, also when two runs make it at once.
  const unfinished = `${home}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(dirname(home), { recursive: true });
  await run('python3', ['-m', 'venv', unfinished]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  await run(join(unfinished, 'bin', 'python'), [...pip, '--requirement', requirements]);
  try {
    renameSync(unfinished, home);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
}
