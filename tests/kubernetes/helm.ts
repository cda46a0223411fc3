import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { runCommand, tryCommand } from './run-command.ts';

export const chart = 'deploy/helm/credential-renewal';

/** A part of a values file; JSON is YAML. */
export type Values = { [key: string]: unknown };

/** A Kubernetes object, as far as tests look at all of them. */
export type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  // What is below differs by kind.
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it has rendered
  [key: string]: any;
};

/** Values that render the five services, for tests to lay others over. */
export const external = `${chart}/values-external.yaml`;
export const demo = `${chart}/values-demo.yaml`;

/** Runs helm with values from files and from here; `done` removes what was written for it. */
async function withValues<T>(
  values: Values,
  use: (args: readonly string[]) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'cr-values-'));
  try {
    const file = join(directory, 'values.json');
    writeFileSync(file, JSON.stringify(values));
    return await use(['--values', file]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What the chart renders, as YAML. */
export function renderText(
  base: string,
  values: Values = {},
  more: string[] = [],
): Promise<string> {
  return withValues(values, (files) =>
    runCommand('helm', [
      'template',
      'test',
      chart,
      '--namespace',
      'here',
      '--values',
      base,
      ...files,
      ...more,
    ]),
  );
}

export async function render(base: string, values: Values = {}, more: string[] = []) {
  return parseManifests(await renderText(base, values, more));
}

export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

/** What helm says of values that it refuses. */
export function refusal(base: string | undefined, values: Values): Promise<string> {
  return withValues(values, async (files) => {
    const given = base === undefined ? [] : ['--values', base];
    const { code, stderr } = await tryCommand('helm', [
      'template',
      'test',
      chart,
      ...given,
      ...files,
    ]);
    return code === 0 ? '' : stderr;
  });
}

/** `install` or `upgrade`, with a wait; resolves when helm does. */
export function applyRelease(
  command: readonly string[],
  options: { namespace: string; values: Values; timeoutSeconds: number },
): Promise<string> {
  return withValues(options.values, (files) =>
    runCommand('helm', [
      ...command,
      ...['--namespace', options.namespace, ...files],
      ...['--wait', '--timeout', `${options.timeoutSeconds}s`],
    ]),
  );
}
