import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRpcClient } from '@credential-renewal/rpc';
import { validateKafkaEvents } from '../contract/validate-events.ts';
import { startGatewayFront } from '../processes/gateway-front.ts';
import { type KafkaServer, startKafka } from '../servers/kafka-server.ts';
import { startMongo } from '../servers/mongo-server.ts';
import { freePorts } from '../system/free-ports.ts';
import type { Product, ServiceName } from '../system/product.ts';
import { until } from '../system/until.ts';
import { config } from './config.ts';
import { prepareDemoWorld, startDemoWorld } from './demo-world.ts';
import { figure } from './figure.ts';
import { applyRelease, chart, type Values } from './helm.ts';
import { createNamespace, type Kubectl, memoryOf, nodeAddress } from './kubectl.ts';
import { openNodePorts } from './node-ports.ts';
import { notHere } from './not-here.ts';
import { releaseSecrets, releaseValues } from './release-values.ts';
import { startForwarder } from './tcp-forwarder.ts';

/** The five services in pods of a cluster, MongoDB, Kafka and the demo world beside it on this machine. */
export type KubernetesProduct = Product & {
  kubectl: Kubectl;
  kafka: KafkaServer;
  brokers: string[];
  values: Values;
  /** helm upgrade of the release with these values over its own. */
  upgrade(values: Values): Promise<void>;
};

/** Six authorizations through fresh pods on a small machine. */
const sourcesWithinMs = 150_000;

const packages: Record<ServiceName, string> = {
  vault: 'credential-vault',
  registry: 'source-registry',
  broker: 'oauth-broker',
  notification: 'notification',
};

export async function startKubernetesProduct(
  env: Record<string, string> = {},
  more: { values?: Values; secrets?: Values[] } = {},
): Promise<KubernetesProduct> {
  const { hostAddress = '' } = config;
  await using starting = new AsyncDisposableStack();
  const forward = async (port: number) => {
    const at = { host: hostAddress, port };
    const forwarder = await startForwarder(at, { host: 'localhost', port });
    starting.defer(() => forwarder.stop());
  };
  const [kafka, mongo] = await Promise.all([
    startKafka({ own: true, advertisedHost: hostAddress }),
    startMongo({ own: true }),
  ]);
  starting.defer(async () => void (await Promise.all([kafka.stop(), mongo.stop()])));
  const kafkaPort = portOf(kafka.brokers[0]);
  const mongoPort = portOf(new URL(mongo.url).host);
  await Promise.all([forward(kafkaPort), forward(mongoPort)]);
  const brokers = [`${hostAddress}:${kafkaPort}`];

  const directory = mkdtempSync(join(tmpdir(), 'cr-kubernetes-'));
  starting.defer(() => rmSync(directory, { recursive: true, force: true }));
  const kubectl = await createNamespace();
  starting.defer(() => kubectl.remove());
  const nodePorts = await openNodePorts(kubectl, {
    ...Object.fromEntries(Object.values(packages).map((name) => [name, 'grpc' as const])),
    gateway: 'http',
  });
  const node = await nodeAddress();
  const address = (service: ServiceName) => `${node}:${nodePorts[packages[service]]}`;
  const [port = 0, entrance = 0, demoPort = 0, internalPort = 0] = await freePorts(4);
  const gatewayUrl = `http://localhost:${port}`;
  const demoUrl = `http://localhost:${demoPort}`;
  const demoPlan = {
    ...{ directory, port: demoPort, internalPort, gatewayUrl, env },
    eventLogUrl: `kafka:${brokers}`,
    addresses: {
      broker: address('broker'),
      registry: address('registry'),
      notification: address('notification'),
    },
  };
  await prepareDemoWorld(demoPlan);
  await forward(demoPort);

  await kubectl.apply(...releaseSecrets(directory), ...(more.secrets ?? []));
  const values = {
    ...releaseValues({
      ...{ image: config.image, gatewayUrl, demoUrl, demoDirectory: directory, hostAddress },
      ...{ kafkaPort, mongoPort, sweepIntervalMs: Number(env['SWEEP_INTERVAL_MS'] ?? 2_000) },
    }),
    ...more.values,
  };
  const { namespace } = kubectl;
  const beganMs = performance.now();
  await applyRelease(['install', 'test', chart], { namespace, values, timeoutSeconds: 420 });
  figure('services: install to ready', `${((performance.now() - beganMs) / 1000).toFixed(1)} s`);

  // A NodePort is at the node's address alone, and stands for whatever leads people to the gateway.
  const entry = await startForwarder(
    { host: '127.0.0.1', port: entrance },
    { host: node, port: nodePorts['gateway'] ?? 0 },
  );
  starting.defer(() => entry.stop());
  const front = await startGatewayFront(port, [entrance]);
  starting.defer(() => front.stop());
  const demo = await startDemoWorld(demoPlan);
  starting.defer(async () => void (await demo.end('SIGTERM')));
  const running = starting.move();
  return {
    ...notHere,
    ...{ gatewayUrl, gatewayUrls: [gatewayUrl], demoUrl, demoDirectory: directory, address },
    connect: (definition, service, options) =>
      createRpcClient(definition, address(service), options),
    ...{ kubectl, kafka, brokers, values },
    log: () => demo.told(),
    async demoSourcesMade() {
      await until(() => {
        if (existsSync(join(directory, 'demo', 'seeded'))) return;
        throw new Error(`no demo sources yet; the demo world says:\n${demo.told().slice(-2_000)}`);
      }, sourcesWithinMs);
      figure('services: memory in MB', JSON.stringify(await memoryOf(namespace)));
    },
    async upgrade(changed) {
      const merged = { ...values, ...changed };
      await applyRelease(['upgrade', 'test', chart], {
        ...{ namespace, values: merged, timeoutSeconds: 420 },
      });
    },
    async dispose() {
      // While the brokers are there: nothing that a test has caused goes unseen.
      try {
        await validateKafkaEvents(brokers);
      } finally {
        await running.disposeAsync();
      }
    },
  };
}

const portOf = (address = ''): number => Number(address.split(':').at(-1));
