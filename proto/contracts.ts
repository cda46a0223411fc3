import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The contracts do not pass, or the generated code is not theirs; the message lists why. */
export class ContractsInvalidError extends Error {
  readonly code = 'CONTRACTS_INVALID';
  constructor(message: string) {
    super(message);
    this.name = 'ContractsInvalidError';
  }
}

const bufEntry = fileURLToPath(import.meta.resolve('@bufbuild/buf/bin/buf'));

/** Brings `generated/` up to date with the protos in `directory`; answers with the files that changed. */
export async function generate(directory: string): Promise<string[]> {
  await buf(directory, ['lint']);
  const wanted = await generatedFiles(directory);
  const found = await readTree(join(directory, 'generated'));
  const changed = differences(wanted, found);
  // Only what differs is touched: others may be importing these files right now.
  for (const name of changed) {
    const path = join(directory, 'generated', name);
    const content = wanted.get(name);
    if (content === undefined) {
      await rm(path);
    } else {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
  }
  return changed;
}

/**
 * Throws `ContractsInvalidError` when a proto breaks a lint rule, when a change would break who uses the released
 * contracts (`released.binpb`), or when `generated/` is not what the protos generate.
 */
export async function check(directory: string): Promise<void> {
  await buf(directory, ['lint']);
  await buf(directory, ['breaking', '--against', 'released.binpb']);
  const stale = differences(
    await generatedFiles(directory),
    await readTree(join(directory, 'generated')),
  );
  if (stale.length > 0) {
    throw new ContractsInvalidError(
      `Generated code is stale; run "npm run generate". It differs in:\n${stale.map((name) => `  proto/generated/${name}`).join('\n')}`,
    );
  }
}

/** Makes the contracts as they are now the ones that later changes are compared with. */
export async function release(directory: string): Promise<void> {
  await buf(directory, ['build', '--exclude-source-info', '-o', 'released.binpb']);
}

/** What belongs into `generated/`: names relative to it, and contents. */
async function generatedFiles(directory: string): Promise<Map<string, Buffer>> {
  const output = await mkdtemp(join(tmpdir(), 'generated-'));
  try {
    await buf(directory, ['generate', '--output', output]);
    // After `generate`, which empties the directory first (`clean` in buf.gen.yaml).
    const descriptorSet = join(output, 'generated', 'descriptor-set.binpb');
    await buf(directory, [
      'build',
      '--as-file-descriptor-set',
      '--exclude-source-info',
      '-o',
      descriptorSet,
    ]);
    return await readTree(join(output, 'generated'));
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

async function readTree(root: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files.set(relative(root, path), await readFile(path));
  }
  return files;
}

function differences(wanted: Map<string, Buffer>, found: Map<string, Buffer>): string[] {
  const names = new Set([...wanted.keys(), ...found.keys()]);
  return [...names].filter((name) => !isSame(wanted.get(name), found.get(name))).sort();
}

function isSame(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a !== undefined && b !== undefined && a.equals(b);
}

/** Runs buf in `directory`; what it says of a failure becomes the message of the error. */
async function buf(directory: string, args: string[]): Promise<void> {
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
