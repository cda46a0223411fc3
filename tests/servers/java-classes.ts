import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { oneAtATime } from './one-at-a-time.ts';

const sources = join(import.meta.dirname, 'java');
const cache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'credential-renewal-tests',
);

/**
 * The class path of a server in `java/`: its jars from Maven and our classes, downloaded and compiled once for all runs of this user. Safe
 * when several processes ask at once.
 */
export async function javaClassPath(server: 'kafka' | 'mongo'): Promise<string> {
  const files = [
    join(sources, server, 'pom.xml'),
    ...javaFiles(sources),
    ...javaFiles(join(sources, server)),
  ];
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  const home = join(cache, `${server}-${hash.digest('hex').slice(0, 12)}`);
  if (!existsSync(home)) await oneAtATime(join(cache, 'lock'), () => prepare(home, files));
  return [join(home, 'classes'), join(home, 'jars', '*')].join(delimiter);
}

async function prepare(home: string, [pom, ...javaSources]: readonly string[]): Promise<void> {
  if (existsSync(home)) return;
  // Elsewhere first, so that whoever finds the directory finds it whole.
  const unfinished = `${home}.${process.pid}`;
  const jars = join(unfinished, 'jars');
  const classes = join(unfinished, 'classes');
  try {
    await run('mvn', [
      ...['--quiet', '--batch-mode', '--file', `${pom}`, 'dependency:copy-dependencies'],
      ...['-DincludeScope=runtime', `-DoutputDirectory=${jars}`],
    ]);
    await run('javac', ['-cp', join(jars, '*'), '-d', classes, ...javaSources]);
    renameSync(unfinished, home);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Maven says on its standard output what is wrong. */
async function run(command: string, args: readonly string[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  execFile(command, args, (error, stdout, stderr) => {
    if (!error) return resolve();
    const said = `${stdout}${stderr}`.split('\n').slice(-25).join('\n');
    reject(new Error(`${command} could not prepare a server for tests:\n${said}`));
  });
  return promise;
}

const javaFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.java'))
    .map((name) => join(folder, name));
