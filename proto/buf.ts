import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ContractsInvalidError } from './contracts-invalid-error.ts';

const bufEntry = fileURLToPath(import.meta.resolve('@bufbuild/buf/bin/buf'));

/** Runs buf in `directory`; what it says of a failure becomes the message of the error. */
export async function buf(directory: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [bufEntry, ...args], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    // The plugin is a script that starts with `env node`: it must find this Node, not an older one.
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` },
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const exitCode = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (exitCode !== 0) {
    throw new ContractsInvalidError(`buf ${args[0]} found problems:\n${output.trimEnd()}`);
  }
}
