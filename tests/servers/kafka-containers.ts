import type { StartedNetwork } from 'testcontainers';
import { startContainerServer } from './container-server.ts';
import { kafkaAnswers } from './kafka-answers.ts';
import { type KafkaNodePlan, kafkaSettings } from './kafka-settings.ts';
import type { ServerNode } from './server-node.ts';

const image = 'apache/kafka-native:4.4.0';
/** Not in one directory: what is copied into a container is root's, and the image's user must make the other one. */
const files = '/tmp/credential-renewal-files';
const data = '/tmp/credential-renewal-data';

export async function createKafkaNetwork(): Promise<StartedNetwork> {
  const { Network } = await import('testcontainers');
  return new Network().start();
}

/** A node of Apache Kafka in a container; those of a cluster find each other in `network`. */
export async function startKafkaContainer(
  plan: KafkaNodePlan,
  network: StartedNetwork,
): Promise<ServerNode> {
  const { GenericContainer } = await import('testcontainers');
  const ports = plan.ports[plan.node - 1];
  if (!ports) throw new Error(`no ports for node ${plan.node}`);
  const hostOf = (node: number) => `node-${node}`;
  const settings = kafkaSettings(plan, { bind: '0.0.0.0', hostOf, data, files });
  const container = new GenericContainer(image)
    .withNetwork(network)
    .withNetworkAliases(hostOf(plan.node))
    .withEnvironment({ CLUSTER_ID: plan.clusterId, ...asEnvironment(settings) })
    .withCopyContentToContainer(
      Object.entries(plan.security.files).map(([name, content]) => ({
        content,
        target: `${files}/${name}`,
      })),
    );
  return startContainerServer({
    container,
    ports: [ports.client, ports.internal],
    answers: () => kafkaAnswers(ports.internal),
    withinMs: 120_000,
  });
}

/** The image's own spelling: `.` is `_`, `_` is `__` and `-` is `___`. https://github.com/apache/kafka/blob/trunk/docker/examples/README.md */
function asEnvironment(settings: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      `KAFKA_${name.replaceAll('_', '__').replaceAll('-', '___').replaceAll('.', '_').toUpperCase()}`,
      value,
    ]),
  );
}
