import { spawn } from 'node:child_process';
import { top } from '../check/source-files.ts';

export type CommandResult = { code: number | null; stdout: string; stderr: string };

/** Runs a program from the top of the house, whatever comes of it. */
export async function tryCommand(
  command: string,
  args: readonly string[],
  input = '',
): Promise<CommandResult> {
  const child = spawn(command, args, { cwd: top, stdio: ['pipe', 'pipe', 'pipe'] });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on('error', reject);
  child.on('close', resolve);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  // One that ends without reading is told by its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return { code: await promise, stdout, stderr };
}

/** Its standard output; rejects with what it said when it fails. */
export async function runCommand(
  command: string,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const { code, stdout, stderr } = await tryCommand(command, args, input);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stderr}`);
  return stdout;
}
