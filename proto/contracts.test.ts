import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { check, generate } from './contracts.ts';

const notificationProto = 'notification/v1/notification.proto';

/** A copy of the contracts that a test may break. The plugin's path in buf.gen.yaml leads out of it. */
function copyOfContracts(): string {
  const root = mkdtempSync(join(tmpdir(), 'contracts-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const directory = join(root, 'proto');
  cpSync(import.meta.dirname, directory, {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  });
  symlinkSync(resolve(import.meta.dirname, '../node_modules'), join(root, 'node_modules'));
  return directory;
}

async function replaceIn(path: string, from: string, to: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
}

// Every check runs the compiler several times.
vi.setConfig({ testTimeout: 30_000 });

test('the contracts as they are pass', async () => {
  await check(copyOfContracts());
});

test('generated code that is stale, edited, lost or left over is refused by name, and generating mends it', async () => {
  const directory = copyOfContracts();
  const generated = join(directory, 'generated');
  await appendFile(join(directory, notificationProto), '\nmessage Added {\n  string id = 1;\n}\n');
  await appendFile(join(generated, 'events/v1/source.ts'), '// edited\n');
  await rm(join(generated, 'google/rpc/status.ts'));
  await writeFile(join(generated, 'left-over.ts'), '');
  const names = [
    'descriptor-set.binpb',
    'events/v1/source.ts',
    'google/rpc/status.ts',
    'left-over.ts',
    'notification/v1/notification.ts',
  ];
  const listed = names.map((name) => `  proto/generated/${name}`).join('\n');
  await expect(check(directory)).rejects.toThrow(`It differs in:\n${listed}`);
  expect(await generate(directory)).toEqual(names);
  await check(directory);
});

test('a change that breaks users of the released contracts is refused', async () => {
  const directory = copyOfContracts();
  await replaceIn(join(directory, notificationProto), 'string mail_id = 1;', 'int64 mail_id = 1;');
  await expect(check(directory)).rejects.toThrow(/buf breaking.*\n.*"mail_id"/);
});

test('a proto against the lint rules is refused before anything is generated', async () => {
  const directory = copyOfContracts();
  await replaceIn(join(directory, notificationProto), 'string mail_id = 1;', 'string mailId = 1;');
  await expect(generate(directory)).rejects.toThrow(/buf lint.*\n.*mailId/);
});
