import { expect } from 'vitest';
import { external, type Manifest, render } from '../helm.ts';
import { chartTest as test } from '../kubernetes-test.ts';
import { callsInCode } from './call-graph.ts';

type Peer = { podSelector?: { matchLabels: Record<string, string> }; namespaceSelector?: unknown };
type Rule = { ports: { port: number | string }[]; from?: Peer[]; to?: Peer[] };

const component = 'app.kubernetes.io/component';

// What each policy says beside the calls is tested with the chart: tests/network-policies_test.yaml.

async function policies(): Promise<Manifest[]> {
  return (await render(external)).filter(({ kind }) => kind === 'NetworkPolicy');
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
