import { expect } from 'vitest';
import { external, type Manifest, render } from '../helm.ts';
import { chartTest as test } from '../kubernetes-test.ts';
import { callsInCode } from './call-graph.ts';

type Peer = { podSelector?: { matchLabels: Record<string, string> }; namespaceSelector?: unknown };
type Rule = { ports: { port: number | string }[]; from?: Peer[]; to?: Peer[] };

const component = 'app.kubernetes.io/component';

async function policies(values = {}): Promise<Manifest[]> {
  return (await render(external, values)).filter(({ kind }) => kind === 'NetworkPolicy');
}

const ownerOf = ({ spec }: Manifest): string | undefined => spec.podSelector.matchLabels[component];

/** The edges of one direction, as `caller -> called`. */
function edges(found: readonly Manifest[], direction: 'ingress' | 'egress'): string[] {
  return found.flatMap((policy) => {
    const owner = ownerOf(policy);
    const rules: Rule[] = policy['spec'][direction] ?? [];
    return rules
      .filter(({ ports }) => ports.some(({ port }) => port === 'grpc'))
      .flatMap(({ from, to }) => from ?? to ?? [])
      .map(({ podSelector }) => podSelector?.matchLabels[component])
      .map((other) => (direction === 'ingress' ? `${other} -> ${owner}` : `${owner} -> ${other}`));
  });
}

test('who may call whom is who does call whom, at both ends', async () => {
  const found = await policies();
  const inCode = callsInCode();
  const expected = [...inCode].sort();
  expect(edges(found, 'ingress').sort()).toEqual(expected);
  expect(edges(found, 'egress').sort()).toEqual(expected);
});

test('each service is told where those are that it calls, and nobody else', async () => {
  for (const { kind, metadata, data } of await render(external)) {
    const name = metadata.labels?.[component];
    if (kind !== 'ConfigMap' || name === undefined) continue;
    const told = Object.keys(data).filter((key) =>
      /^(VAULT|REGISTRY|BROKER|NOTIFICATION)_ADDRESS$/.test(key),
    );
    const calls = [...callsInCode()].filter((call) => call.startsWith(`${name} -> `));
    expect({ name, told }).toEqual({
      name,
      told: expect.objectContaining({ length: calls.length }),
    });
  }
});

test('everything is denied to all pods of the release, jobs included, and then allowed one by one', async () => {
  const [deny, ...others] = await policies();
  expect(deny?.['spec']).toEqual({
    podSelector: {
      matchLabels: {
        'app.kubernetes.io/name': 'credential-renewal',
        'app.kubernetes.io/instance': 'test',
      },
    },
    policyTypes: ['Ingress', 'Egress'],
  });
  for (const { spec } of others)
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])] as Rule[])
      expect(rule.ports.length).toBeGreaterThan(0);
});

test('names can be looked up, and only where they are', async () => {
  const dns = (await policies()).find(({ metadata }) => metadata.name.endsWith('-dns'));
  expect(dns?.['spec'].egress).toMatchObject([
    {
      ports: [
        { protocol: 'UDP', port: 53 },
        { protocol: 'TCP', port: 53 },
      ],
      to: [
        { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } },
      ],
    },
  ]);
});

test('the vault reaches database and brokers, and nothing on the internet', async () => {
  const ports = async (name: string, values = {}) => {
    const policy = (await policies(values)).find((one) => ownerOf(one) === name);
    const rules: Rule[] = policy?.['spec'].egress ?? [];
    return rules.flatMap(({ ports: these }) => these.map(({ port }) => port)).sort();
  };
  expect(await ports('credential-vault')).toEqual([27017, 9092]);
  expect(await ports('source-registry')).toEqual([27017, 9092]);
  expect(await ports('oauth-broker')).toEqual([27017, 443, 9092, 'grpc', 'grpc']);
  const transit = {
    keyEncryptionKey: {
      file: { existingSecret: '' },
      transit: { url: 'transit+https://vault:8200/transit/cr', token: { existingSecret: 'x' } },
    },
  };
  expect(await ports('credential-vault', transit)).toEqual([27017, 8200, 9092]);
  expect(await ports('migrate')).toEqual([27017]);
  expect(await ports('create-topics')).toEqual([9092]);
});

test('workers outside of the release call the services that are opened to them', async () => {
  const workers = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'workers' } },
  };
  const found = await policies({ networkPolicy: { callers: { 'oauth-broker': [workers] } } });
  const rules: Rule[] =
    found.find((one) => ownerOf(one) === 'oauth-broker')?.['spec'].ingress ?? [];
  expect(
    rules
      .filter(({ from }) => from?.some((peer) => 'namespaceSelector' in peer))
      .map(({ ports }) => ports[0]?.port),
  ).toEqual(['internal', 'grpc']);
});
