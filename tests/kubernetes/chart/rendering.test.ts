import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { top } from '../../check/source-files.ts';
import { config } from '../config.ts';
import { chart, external, parseManifests, render, renderText, tryHelm } from '../helm.ts';
import { lane, chartTest as test } from '../kubernetes-test.ts';
import { tryCommand } from '../run-command.ts';
import { matrix } from './matrix.ts';

const versions = [...config.schemas];
/** Of operators that are not part of Kubernetes; each object's shape is tested beside the chart. */
const foreign = ['Certificate', 'ServiceMonitor', 'PrometheusRule'];

test.each(matrix.flatMap((one) => lane.helms.map((helm) => ({ ...one, helm }))))(
  '$helm lint has nothing to say about $name',
  async (combination) => {
    const { code, stdout } = await tryHelm(['lint', '--strict', '--quiet'], combination);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  },
);

test.each(
  matrix.flatMap((one) => versions.map(([version, schema]) => ({ ...one, version, schema }))),
)('$name is valid for Kubernetes $version', async ({ version, schema, ...combination }) => {
  const text = await renderText({ ...combination, kubeVersion: `${version}.0` });
  const args = ['-strict', '-summary', '-skip', foreign.join(','), '-schema-location', schema];
  const { code, stdout, stderr } = await tryCommand(
    'kubeconform',
    [...args, ...(schema === 'default' ? ['-kubernetes-version', `${version}.0`] : [])],
    text,
  );
  expect({ code, said: stdout + stderr }).toMatchObject({ code: 0 });
});

test.each(matrix)(
  '$name renders the same again, with any Helm: nothing is made up that an upgrade would change',
  async (combination) => {
    const objects = async (helm: string) =>
      parseManifests(await renderText({ ...combination, helm }));
    const first = await objects('helm');
    for (const helm of ['helm', ...lane.helms.slice(1)]) expect(await objects(helm)).toEqual(first);
  },
);

test.each(matrix)(
  'no object of $name holds a secret, and no Secret is made',
  async (combination) => {
    const manifests = parseManifests(await renderText(combination));
    expect(manifests.map(({ kind }) => kind)).not.toContain('Secret');
    for (const { kind, spec } of manifests)
      if (kind === 'Deployment' || kind === 'Job')
        for (const { env = [] } of spec.template.spec.containers)
          for (const { name, value } of env)
            if (/PASSWORD|TOKEN|SECRET|CREDENTIALS|_KEY(_|$)/.test(name) && value !== undefined)
              expect(value, name).toMatch(/^(file:)?\/run\/secrets\/|^transit\+https:/);
    for (const { kind, data } of manifests)
      if (kind === 'ConfigMap')
        for (const [name, value] of Object.entries<string>(data))
          if (/_FILE$|KEY_URL$/.test(name) && name !== 'BRANDING_FILE')
            expect(value, name).toMatch(/^(file:)?\/run\/secrets\/|^transit\+https:/);
  },
);

test('a changed setting changes the pods of the service that reads it alone', async () => {
  const before = await checksums({});
  const after = await checksums({
    services: { notification: { settings: { PRODUCT_NAME: 'Renewals' } } },
  });
  expect(Object.keys(before).filter((name) => before[name] !== after[name])).toEqual([
    'notification',
  ]);
  const catalogue = await checksums({
    catalogue: { providers: { google: { id: 'google', name: 'G' } } },
  });
  expect(Object.keys(before).filter((name) => before[name] !== catalogue[name])).toEqual([
    'oauth-broker',
  ]);
});

test('the README tells of every value', () => {
  const read = (file: string) => readFileSync(join(top, chart, file), 'utf8');
  const names = [...read('values.yaml').matchAll(/^([a-z]\w*):/gim)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) expect(read('README.md')).toMatch(new RegExp(`\\| ${name}\\b`));
});

async function checksums(values: Record<string, unknown>): Promise<Record<string, string>> {
  const entries = (await render(external, values))
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ metadata, spec }): [string, string] => [
      metadata.labels?.['app.kubernetes.io/component'] ?? '',
      JSON.stringify(spec.template.metadata.annotations),
    ]);
  return Object.fromEntries(entries);
}
