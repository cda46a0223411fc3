import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { chart } from '../helm.ts';
import { chartTest as test } from '../kubernetes-test.ts';
import { runCommand } from '../run-command.ts';

test('the packaged chart has what an installation reads, and no tests', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cr-package-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const version = '1.2.3';
  await runCommand('helm', ['package', chart, '--version', version, '--destination', directory]);
  const archive = join(directory, `credential-renewal-${version}.tgz`);
  const files = (await runCommand('tar', ['--list', '--gzip', '--file', archive]))
    .trim()
    .split('\n');
  expect(files).toEqual(
    expect.arrayContaining([
      'credential-renewal/values.schema.json',
      'credential-renewal/values-demo.yaml',
      'credential-renewal/files/alerts.yaml',
      'credential-renewal/README.md',
    ]),
  );
  expect(files.filter((file) => /\/tests\/|gotmpl$/.test(file))).toEqual([]);
});
