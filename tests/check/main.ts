import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findWrongImports } from './import-direction.ts';
import { findLockProblems } from './lock-file.ts';
import { readSourceFiles, top } from './source-files.ts';

/** One line per problem; none: the check holds. */
type Check = { name: string; run: () => Promise<string[]> };

const bin = (name: string) => join(top, 'node_modules/.bin', name);

/** Runs a tool on this very Node; its output is the problem when it fails. */
function tool(name: string, command: string, args: string[]): Check {
  return {
    name,
    run: () =>
      new Promise((done, fail) => {
        const path = `${join(process.execPath, '..')}:${process.env.PATH}`;
        const child = spawn(command, args, { cwd: top, env: { ...process.env, PATH: path } });
        let output = '';
        child.stdout.on('data', (chunk) => (output += chunk));
        child.stderr.on('data', (chunk) => (output += chunk));
        child.on('error', fail);
        child.on('close', (code) =>
          done(code === 0 ? [] : [output.trim() || `exited with ${code}`]),
        );
      }),
  };
}

const checks: Check[] = [
  tool('types', bin('tsc'), ['--noEmit', '-p', 'tsconfig.json']),
  tool('types of the pages', bin('tsc'), ['--noEmit', '-p', 'gateway/ui/tsconfig.json']),
  tool('lint and format', bin('biome'), ['check', '--error-on-warnings', '.']),
  tool('unused code and dependencies', bin('knip'), ['--no-progress']),
  tool('contracts and generated code', process.execPath, ['proto/generate.ts', '--check']),
  { name: 'import direction', run: async () => findWrongImports(readSourceFiles()) },
  {
    name: 'lock file',
    run: async () =>
      findLockProblems(JSON.parse(readFileSync(join(top, 'package-lock.json'), 'utf8'))),
  },
];

const results = await Promise.all(
  checks.map(async ({ name, run }) => {
    const startedMs = performance.now();
    const problems = await run();
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    process.stdout.write(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
    for (const problem of problems) process.stdout.write(`${problem}\n`);
    return problems.length === 0;
  }),
);
process.exitCode = results.every(Boolean) ? 0 : 1;
