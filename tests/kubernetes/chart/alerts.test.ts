import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { top } from '../../check/source-files.ts';
import { chart, external, render } from '../helm.ts';
import { lane, chartTest as test } from '../kubernetes-test.ts';
import { tryCommand } from '../run-command.ts';
import { metricNames } from './metric-names.ts';

type Rule = { alert: string; expr: string; annotations: { summary: string; runbook_url: string } };

let rules: Rule[] = [];
let directory: string;

beforeAll(async () => {
  if (!lane.canRender) return;
  const manifests = await render(external, { monitoring: { prometheusRule: { enabled: true } } });
  const found = manifests.find(({ kind }) => kind === 'PrometheusRule');
  directory = mkdtempSync(join(tmpdir(), 'cr-alerts-'));
  writeFileSync(join(directory, 'alerts.yaml'), JSON.stringify(found?.['spec']));
  rules = found?.['spec'].groups.flatMap(({ rules: ofGroup }: { rules: Rule[] }) => ofGroup);
});
afterAll(() => {
  if (directory) rmSync(directory, { recursive: true, force: true });
});

test('promtool understands every rule', async () => {
  const { code, stdout, stderr } = await tryCommand('promtool', [
    'check',
    'rules',
    join(directory, 'alerts.yaml'),
  ]);
  expect({ code, said: stdout + stderr }).toMatchObject({ code: 0 });
});

test('each alert fires when it should and stays silent when it should not', async () => {
  const tests = readFileSync(join(import.meta.dirname, 'alerts.promtool.yaml'), 'utf8');
  writeFileSync(join(directory, 'tests.yaml'), tests);
  const { code, stdout, stderr } = await tryCommand('promtool', [
    'test',
    'rules',
    join(directory, 'tests.yaml'),
  ]);
  expect({ code, said: stdout + stderr }).toMatchObject({ code: 0 });
  for (const { alert } of rules)
    expect(tests, `${alert} has no test`).toContain(`alertname: ${alert}`);
});

test('each alert leads to a runbook, and each runbook of an alert has one', () => {
  expect(rules.length).toBeGreaterThan(10);
  for (const { alert, annotations } of rules) {
    const file = annotations.runbook_url.split('/').at(-1) ?? '';
    expect(existsSync(join(top, 'docs/runbooks', file)), `${alert}: docs/runbooks/${file}`).toBe(
      true,
    );
  }
  const led = rules.map(({ annotations }) => annotations.runbook_url.split('/').at(-1));
  for (const file of readdirSync(join(top, 'docs/runbooks')))
    if (readFileSync(join(top, 'docs/runbooks', file), 'utf8').startsWith('# CredentialRenewal'))
      expect(led).toContain(file);
});

test('alerts and dashboard ask for metrics that there are', () => {
  const known = metricNames();
  const asked = new Set<string>();
  for (const { expr } of rules) for (const name of namesIn(expr)) asked.add(name);
  const dashboard = JSON.parse(readFileSync(join(top, chart, 'files/dashboard.json'), 'utf8')) as {
    panels: { targets?: { expr: string }[] }[];
  };
  for (const { targets = [] } of dashboard.panels)
    for (const { expr } of targets) for (const name of namesIn(expr)) asked.add(name);
  for (const name of asked) expect(known, name).toContain(name.replace(/_(count|bucket|sum)$/, ''));
});

const ours =
  /\b(?:readiness_check|gateway|event_log|event_sequence|event_duplicates|credential_vault|source_registry|notification|refresh_attempts|access_token|authorization_callbacks|rpc)_\w+/g;

function namesIn(expr: string): string[] {
  const plain = expr
    .replace(/\{__name__=~"\((\w+)\|(\w+)\)(\w+)"\}/, '$1$3 $2$3')
    .replace(/"[^"]*"/g, '');
  return plain.match(ours) ?? [];
}
