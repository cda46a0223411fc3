import { randomBytes } from 'node:crypto';
import type { Manifest, Values } from './helm.ts';
import { runCommand } from './run-command.ts';

export type Kubectl = {
  namespace: string;
  run(...args: string[]): Promise<string>;
  /** Creates or changes objects. */
  apply(...manifests: Values[]): Promise<void>;
  get(kind: string, ...more: string[]): Promise<Manifest[]>;
};

/** A namespace of a test's own, in which the restricted Pod Security Standard is enforced. */
export async function createNamespace(): Promise<Kubectl & { remove(): Promise<void> }> {
  const namespace = `cr-test-${randomBytes(4).toString('hex')}`;
  const kubectl = kubectlIn(namespace);
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await kubectl.apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels },
  });
  return {
    ...kubectl,
    remove: async () =>
      void (await runCommand('kubectl', ['delete', 'namespace', namespace, '--wait'])),
  };
}

function kubectlIn(namespace: string): Kubectl {
  const run = (...args: string[]) => runCommand('kubectl', ['--namespace', namespace, ...args]);
  return {
    namespace,
    run,
    async apply(...manifests) {
      const list = { apiVersion: 'v1', kind: 'List', items: manifests };
      await runCommand(
        'kubectl',
        ['--namespace', namespace, 'apply', '-f', '-'],
        JSON.stringify(list),
      );
    },
    async get(kind, ...more) {
      const { items } = JSON.parse(await run('get', kind, '-o', 'json', ...more)) as {
        items: Manifest[];
      };
      return items;
    },
  };
}

export function secret(name: string, data: Record<string, string | Buffer>): Values {
  const encoded = Object.entries(data).map(([key, value]) => [
    key,
    Buffer.from(value as Buffer).toString('base64'),
  ]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    data: Object.fromEntries(encoded),
  };
}

/** The address of a node, at which NodePorts answer. */
export async function nodeAddress(): Promise<string> {
  const path = '{.items[0].status.addresses[?(@.type=="InternalIP")].address}';
  return runCommand('kubectl', ['get', 'nodes', '-o', `jsonpath=${path}`]);
}

/** Memory of each container of a namespace in MB, as the kubelet counts it. */
export async function memoryOf(namespace: string): Promise<Record<string, number>> {
  const name = await runCommand('kubectl', [
    'get',
    'nodes',
    '-o',
    'jsonpath={.items[0].metadata.name}',
  ]);
  const summary = JSON.parse(
    await runCommand('kubectl', ['get', '--raw', `/api/v1/nodes/${name}/proxy/stats/summary`]),
  ) as {
    pods: {
      podRef: { name: string; namespace: string };
      containers?: { name: string; memory?: { workingSetBytes?: number } }[];
    }[];
  };
  const found = summary.pods
    .filter(({ podRef }) => podRef.namespace === namespace)
    .flatMap(({ podRef, containers = [] }) =>
      containers.map(({ name: container, memory }): [string, number] => [
        `${podRef.name} ${container}`,
        Math.round((memory?.workingSetBytes ?? 0) / 1e6),
      ]),
    );
  return Object.fromEntries(found);
}
