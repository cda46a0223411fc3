import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { kafkaAnswers } from './kafka-answers.ts';
import { createKafkaNetwork, startKafkaContainer } from './kafka-containers.ts';
import { startKafkaProcess } from './kafka-java.ts';
import { createKafkaSecurity, type KafkaLogins } from './kafka-security.ts';
import type { KafkaOptions, KafkaServer } from './kafka-server.ts';
import type { KafkaNodePlan, KafkaPorts } from './kafka-settings.ts';
import { addScramUser } from './kafka-wire.ts';
import type { ServerNode } from './server-node.ts';
import { serverPorts } from './server-ports.ts';
import { createTcpProxy } from './tcp-proxy.ts';

const meetWithinMs = 60_000;
const pollMs = 50;

/** Kafka of our own: ports, proxies and users are the same in both lanes. */
export async function startOwnKafka(
  lane: 'containers' | 'java',
  {
    nodes: size = 1,
    settings = {},
    security,
    behindProxies = false,
    advertisedHost = '127.0.0.1',
  }: KafkaOptions,
): Promise<KafkaServer> {
  const resources = new AsyncDisposableStack();
  try {
    const ports = await chooseKafkaPorts(size, behindProxies);
    const proxies = behindProxies ? await all(ports.map(proxyTo)) : [];
    for (const proxy of proxies) resources.defer(() => proxy.stop());
    const { listener, logins } = createKafkaSecurity(security);
    const plan = {
      ...{ clusterId: randomClusterId(), ports, advertisedHost },
      ...{ security: listener, more: settings },
    };
    const plans = ports.map((_, index) => ({ ...plan, node: index + 1 }));
    const nodes = await startNodes(lane, plans, resources);
    await all(ports.map(({ internal }) => meet(internal, size)));
    if (logins) await addScramUsers(ports, logins);
    return {
      lane,
      brokers: ports.map(({ advertised }) => `127.0.0.1:${advertised}`),
      logins,
      caFile: logins?.ca ? writeAuthority(logins.ca, resources) : undefined,
      proxies,
      canBeKilled: true,
      ...faultsOf(nodes),
      stop: () => resources.disposeAsync(),
    };
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

async function startNodes(
  lane: 'containers' | 'java',
  plans: readonly KafkaNodePlan[],
  resources: AsyncDisposableStack,
): Promise<ServerNode[]> {
  const network = lane === 'containers' ? await createKafkaNetwork() : undefined;
  if (network) resources.defer(async () => void (await network.stop()));
  return all(
    plans.map(async (plan) => {
      const node = await (network ? startKafkaContainer(plan, network) : startKafkaProcess(plan));
      resources.defer(() => node.stop());
      return node;
    }),
  );
}

function faultsOf(nodes: readonly ServerNode[]) {
  const each = (act: (node: ServerNode) => Promise<void>) => async (chosen?: number) => {
    await all(nodes.filter((_, at) => chosen === undefined || chosen === at + 1).map(act));
  };
  return {
    kill: each((node) => node.kill()),
    pause: each((node) => node.pause()),
    resume: each((node) => node.resume()),
    start: each((node) => node.start()),
  };
}

/** With proxies it is they that are advertised. */
async function chooseKafkaPorts(size: number, behindProxies: boolean): Promise<KafkaPorts[]> {
  const ports = await serverPorts(size * 4);
  const take = () => ports.pop() ?? 0;
  return Array.from({ length: size }, () => {
    const client = take();
    const advertised = behindProxies ? take() : client;
    return { client, advertised, internal: take(), controller: take() };
  });
}

const proxyTo = ({ advertised, client }: KafkaPorts) => createTcpProxy(advertised, client);

/** A cluster is ready when each of its brokers sees the others: a topic made earlier would lack replicas. */
async function meet(internalPort: number, size: number): Promise<void> {
  const deadline = performance.now() + meetWithinMs;
  while (!(await kafkaAnswers(internalPort, size))) {
    if (performance.now() > deadline) throw new Error('the nodes of the cluster do not meet');
    await delay(pollMs);
  }
}

async function addScramUsers([first]: readonly KafkaPorts[], { users }: KafkaLogins) {
  for (const mechanism of ['scram-sha-256', 'scram-sha-512'] as const) {
    await addScramUser(first?.internal ?? 0, mechanism, users[mechanism]);
  }
}

/** For clients that are told of it by a setting. */
function writeAuthority(ca: string, resources: AsyncDisposableStack): string {
  const directory = mkdtempSync(join(tmpdir(), 'cr-authority-'));
  resources.defer(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'ca.pem');
  writeFileSync(file, ca);
  return file;
}

/** Kafka's spelling of a UUID; a leading `-` would be taken for an option. */
const randomClusterId = () => randomBytes(16).toString('base64url').replace(/^-/, 'A');

/** Waits for the end of all of them, so that none starts behind the back of whoever cleans up. */
async function all<T>(promises: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
