export type KubernetesTestConfig = {
  /** The cluster; tests make namespaces of their own in it. */
  kubeconfig: string | undefined;
  /** As Docker knows it here. */
  image: string;
  /** A command that takes an image's name and brings it to the nodes; without one the cluster can pull it. */
  loadImage: string | undefined;
  /** This machine, as pods reach it. */
  hostAddress: string | undefined;
  /** Where kubeconform finds the schemas, by version of Kubernetes. */
  schemas: ReadonlyMap<string, string>;
  /** Somebody has decided that this machine tests no Kubernetes. */
  isOff: boolean;
  /** What is missing is a failure, not a reason to skip. */
  isRequired: boolean;
};

/** `README.md` tells what each variable is for. */
export function readKubernetesTestConfig(env: NodeJS.ProcessEnv): KubernetesTestConfig {
  return {
    kubeconfig: env['KUBECONFIG'] || undefined,
    image: env['KUBERNETES_IMAGE'] || 'credential-renewal:test',
    loadImage: env['KUBERNETES_LOAD_IMAGE'] || undefined,
    hostAddress: env['KUBERNETES_HOST_ADDRESS'] || undefined,
    schemas: readSchemas(env['KUBERNETES_SCHEMAS'] ?? ''),
    isOff: env['KUBERNETES_TESTS'] === 'off',
    isRequired: env['CI'] === 'true',
  };
}

/** `1.31=/path/{{ .ResourceKind }}.json;1.34=...`; what kubeconform takes by itself otherwise. */
function readSchemas(text: string): Map<string, string> {
  const entries = text.split(';').filter((entry) => entry !== '');
  if (entries.length === 0) return new Map(['1.31', '1.34'].map((one) => [one, 'default']));
  return new Map(
    entries.map((entry): [string, string] => {
      const at = entry.indexOf('=');
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

export const config = readKubernetesTestConfig(process.env);
