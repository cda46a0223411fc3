import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { config } from '../config.ts';
import { chart, type Manifest, render, renderText } from '../helm.ts';
import { chartTest as test } from '../kubernetes-test.ts';
import { runCommand, tryCommand } from '../run-command.ts';
import { matrix } from './matrix.ts';

const versions = [...config.schemas];
/** Of operators that are not part of Kubernetes; each object's shape is a rendering test's to check. */
const foreign = ['Certificate', 'ServiceMonitor', 'PrometheusRule'];

function written(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'cr-chart-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'values.json');
  writeFileSync(file, text);
  return file;
}

test.each(matrix)('helm lint has nothing to say about $name', async ({ base, values }) => {
  const file = written(JSON.stringify(values));
  const { code, stdout } = await tryCommand('helm', [
    'lint',
    '--strict',
    '--quiet',
    chart,
    '--values',
    base,
    '--values',
    file,
  ]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
});

test.each(
  matrix.flatMap((one) => versions.map(([version, schema]) => ({ ...one, version, schema }))),
)('$name is valid for Kubernetes $version', async ({ base, values, version, schema }) => {
  const text = await renderText(base, values, ['--kube-version', `${version}.0`]);
  const args = ['-strict', '-summary', '-skip', foreign.join(','), '-schema-location', schema];
  const { code, stdout, stderr } = await tryCommand(
    'kubeconform',
    [...args, ...(schema === 'default' ? ['-kubernetes-version', `${version}.0`] : [])],
    text,
  );
  expect({ code, said: stdout + stderr }).toMatchObject({ code: 0 });
});

test.each(matrix)(
  '$name renders the same twice: nothing is made up that an upgrade would change',
  async ({ base, values }) => {
    expect(await renderText(base, values)).toBe(await renderText(base, values));
  },
);

test('helm refuses a Kubernetes that lacks what the chart needs', async () => {
  const { code, stderr } = await tryCommand('helm', [
    'template',
    chart,
    '--kube-version',
    '1.26.0',
    '--values',
    `${chart}/values-demo.yaml`,
  ]);
  expect(code).not.toBe(0);
  expect(stderr).toContain('requires kubeVersion');
});

test.each(matrix)(
  'every pod of $name keeps to the restricted Pod Security Standard and writes to nothing but volumes',
  async ({ base, values }) => {
    for (const { metadata, pod } of podsOf(await render(base, values))) {
      expect(pod.automountServiceAccountToken, metadata.name).toBe(false);
      expect(pod.securityContext, metadata.name).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const container of pod.containers) {
        expect(container.securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources).toMatchObject({
          requests: { memory: expect.anything() },
          limits: { memory: expect.anything() },
        });
      }
    }
  },
);

test.each(matrix)(
  'no object of $name holds a secret, and no Secret is made',
  async ({ base, values }) => {
    const manifests = await render(base, values);
    expect(manifests.map(({ kind }) => kind)).not.toContain('Secret');
    for (const { pod } of podsOf(manifests))
      for (const { env = [] } of pod.containers)
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

test('a selector holds nothing that a later release of the chart would change', async () => {
  const allowed = [
    'app.kubernetes.io/name',
    'app.kubernetes.io/instance',
    'app.kubernetes.io/component',
  ];
  for (const { kind, spec } of await render(matrix[3]?.base ?? '', matrix[3]?.values))
    if (kind === 'Deployment')
      expect(Object.keys(spec.selector.matchLabels).sort()).toEqual(allowed.sort());
});

test('what is scaled by load has no number of replicas, or each upgrade would set it back', async () => {
  const manifests = await render(matrix[3]?.base ?? '', matrix[3]?.values);
  const gateway = manifests.find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.name.endsWith('-gateway'),
  );
  expect(gateway?.['spec']).not.toHaveProperty('replicas');
  const scaler = manifests.find(({ kind }) => kind === 'HorizontalPodAutoscaler');
  expect(scaler?.['spec']).toMatchObject({
    scaleTargetRef: { kind: 'Deployment', name: gateway?.metadata.name },
    minReplicas: 2,
    maxReplicas: 9,
  });
});

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

test('jobs run before everything else of a release, and need nothing of it', async () => {
  const manifests = await render(matrix[3]?.base ?? '', matrix[3]?.values);
  const jobs = manifests.filter(({ kind }) => kind === 'Job');
  expect(jobs.map(({ metadata }) => metadata.name).sort()).toEqual([
    'test-credential-renewal-create-topics',
    'test-credential-renewal-migrate',
  ]);
  for (const { metadata, spec } of jobs) {
    expect(metadata.annotations?.['helm.sh/hook']).toBe('pre-install,pre-upgrade');
    expect(spec.activeDeadlineSeconds).toBeGreaterThan(0);
    const { serviceAccountName, containers, volumes } = spec.template.spec;
    expect(serviceAccountName).toBeUndefined();
    for (const { envFrom } of containers) expect(envFrom).toBeUndefined();
    for (const volume of volumes) expect(volume).not.toHaveProperty('configMap');
  }
});

test('a certificate carries the names by which services know each other', async () => {
  const manifests = await render(matrix[3]?.base ?? '', matrix[3]?.values);
  const certificates = manifests.filter(({ kind }) => kind === 'Certificate');
  expect(certificates).toHaveLength(6);
  for (const { metadata, spec } of certificates) {
    const name = metadata.labels?.['app.kubernetes.io/component'];
    expect(spec.dnsNames).toEqual(expect.arrayContaining([name, `${name}.here.svc`]));
    expect(spec.uris).toEqual([`spiffe://credential-renewal/${name}`]);
    expect(spec.usages).toEqual(expect.arrayContaining(['server auth', 'client auth']));
  }
  for (const { metadata, pod } of podsOf(manifests)) {
    const volume = pod.volumes.find(({ name }: { name: string }) => name === 'rpc-tls');
    if (metadata.labels?.['app.kubernetes.io/component'] === 'gateway')
      expect(volume).toMatchObject({
        secret: { secretName: 'test-credential-renewal-gateway-tls' },
      });
  }
});

test.each([
  ['http', { httpGet: { path: '/livez', port: 'internal' } }],
  ['grpc', { grpc: { port: 8086 } }],
])('probes over %s', async (kind, liveness) => {
  const manifests = await render(matrix[2]?.base ?? '', { probes: { kind } });
  for (const { kind: object, metadata, spec } of manifests) {
    if (object !== 'Deployment') continue;
    const [container] = spec.template.spec.containers;
    const isGateway = metadata.name.endsWith('-gateway');
    expect(container.livenessProbe).toMatchObject(
      isGateway ? { httpGet: { path: '/livez' } } : liveness,
    );
    expect(
      container.startupProbe.failureThreshold * container.startupProbe.periodSeconds,
    ).toBeGreaterThanOrEqual(60);
  }
});

test('the README tells of every value', async () => {
  const readme = await runCommand('cat', [`${chart}/README.md`]);
  const values = await runCommand('cat', [`${chart}/values.yaml`]);
  const top = [...values.matchAll(/^([a-z]\w*):/gim)].map(([, name]) => name);
  for (const name of top) expect(readme).toMatch(new RegExp(`\\| ${name}\\b`));
});

async function checksums(values: object): Promise<Record<string, string>> {
  const manifests = await render(matrix[2]?.base ?? '', values as Record<string, unknown>);
  const entries = manifests
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ metadata, spec }): [string, string] => [
      metadata.labels?.['app.kubernetes.io/component'] ?? '',
      JSON.stringify(spec.template.metadata.annotations),
    ]);
  return Object.fromEntries(entries);
}

function podsOf(manifests: readonly Manifest[]) {
  return manifests
    .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
    .map(({ metadata, spec }) => ({ metadata, pod: spec.template.spec }));
}
