import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type CommandResult, runCommand, tryCommand } from './run-command.ts';

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

export type Rendering = {
  base: string;
  values?: Values;
  release?: string;
  /** The program: Helm 4 is called `helm4` beside Helm 3. */
  helm?: string;
  kubeVersion?: string;
};

/** What the chart renders, as YAML. */
export function renderText(rendering: Rendering): Promise<string> {
  const { base, values = {}, release = 'test', helm = 'helm', kubeVersion = '1.34.0' } = rendering;
  return withValues(values, (files) =>
    runCommand(helm, [
      ...['template', release, chart, '--namespace', 'here', '--kube-version', kubeVersion],
      ...['--values', base, ...files],
    ]),
  );
}

export async function render(base: string, values: Values = {}): Promise<Manifest[]> {
  return parseManifests(await renderText({ base, values }));
}

export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

/** What `helm lint` or `helm template` says, whatever it thinks of the values. */
export function tryHelm(
  command: readonly string[],
  given: { base?: string; values?: Values; helm?: string },
): Promise<CommandResult> {
  const { base, values = {}, helm = 'helm' } = given;
  const bases = base === undefined ? [] : ['--values', base];
  return withValues(values, (files) => tryCommand(helm, [...command, chart, ...bases, ...files]));
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
