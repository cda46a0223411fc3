import type { Values } from './helm.ts';
import type { Kubectl } from './kubectl.ts';

const component = 'app.kubernetes.io/component';

/** Services of a test that let this machine call the release's pods; the port of each, by component. */
export async function openNodePorts(
  kubectl: Kubectl,
  components: Record<string, 'grpc' | 'http'>,
): Promise<Record<string, number>> {
  const entries = Object.entries(components);
  await kubectl.apply(...entries.map(([name, port]) => nodePort(name, port)));
  const services = await kubectl.get('services', '--selector', 'test=node-port');
  return Object.fromEntries(
    services.map(({ metadata, spec }) => [metadata.labels?.[component], spec.ports[0].nodePort]),
  );
}

function nodePort(name: string, port: 'grpc' | 'http'): Values {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `test-${name}`, labels: { test: 'node-port', [component]: name } },
    spec: {
      type: 'NodePort',
      selector: { 'app.kubernetes.io/instance': 'test', [component]: name },
      ports: [{ name: port, port: 80, targetPort: port }],
    },
  };
}
