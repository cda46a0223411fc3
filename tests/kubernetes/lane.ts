import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { KubernetesTestConfig } from './config.ts';

export type KubernetesLane = {
  /** Whether charts can be rendered and checked. */
  canRender: boolean;
  /** The versions of Helm that there are, by the names of the programs. */
  helms: readonly string[];
  /** Whether there is a cluster to install into. */
  hasCluster: boolean;
  /** Whether engines on this machine can be reached from there. */
  hasEngines: boolean;
  /** What cannot be tested here, each with the way to it. */
  missing: string[];
};

const tools: Record<string, string> = {
  helm: 'https://helm.sh/docs/intro/install',
  kubeconform: 'https://github.com/yannh/kubeconform',
  promtool: 'part of Prometheus: https://prometheus.io/download',
};

export function findLane(config: KubernetesTestConfig, path: string): KubernetesLane {
  const lacking = Object.keys(tools).filter((tool) => !isOnPath(tool, path));
  const canRender = lacking.length === 0;
  const hasHelm4 = isOnPath('helm4', path);
  const hasKubectl = isOnPath('kubectl', path);
  const hasCluster = canRender && hasKubectl && config.kubeconfig !== undefined;
  const missing = lacking.map(
    (tool) => `The chart is not tested: ${tool} is missing (${tools[tool]}).`,
  );
  if (!hasHelm4)
    missing.push('The chart is tested with one version of Helm: Helm 4 is not there as helm4.');
  if (!hasKubectl)
    missing.push(
      'No cluster is tested: kubectl is missing (https://kubernetes.io/docs/tasks/tools).',
    );
  if (config.kubeconfig === undefined)
    missing.push('No cluster is tested: KUBECONFIG names none. "kind create cluster" makes one.');
  if (config.hostAddress === undefined)
    missing.push(
      'The external engines are not tested: KUBERNETES_HOST_ADDRESS does not say at which address pods reach this machine.',
    );
  return {
    canRender,
    helms: hasHelm4 ? ['helm', 'helm4'] : ['helm'],
    hasCluster,
    hasEngines: hasCluster && config.hostAddress !== undefined,
    missing,
  };
}

function isOnPath(program: string, path: string): boolean {
  return path.split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
