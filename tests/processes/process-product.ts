import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRpcEndpoint } from '@credential-renewal/rpc';
import { createLogger } from '@credential-renewal/runtime';
import { validateKafkaEvents } from '../contract/validate-events.ts';
import type { IssuedCertificates } from '../system/issue-certificates.ts';
import { filesBelow, untilDemoSourcesMade } from '../system/kept-files.ts';
import type { Product } from '../system/product.ts';
import { readMetrics } from '../system/read-metrics.ts';
import { type Engines, openEngines } from './engines.ts';
import { planProcesses, serviceNames } from './process-plan.ts';
import { createProcesses, type RunningProcesses } from './running-processes.ts';

/** The product as it runs in production: each service in processes of its own, over TCP, on MongoDB and Kafka. */
export type ProcessProduct = Product &
  Pick<RunningProcesses, 'replicas' | 'startMissing' | 'replace'> & {
    engines: Engines;
    certificates: IssuedCertificates;
    /** What Prometheus would read, of each process but the demo world. */
    metrics(): Promise<string[]>;
  };

/** `env` goes to every process; each takes what it knows. Two replicas of each service unless told otherwise. */
export async function startProcessProduct(
  env: Record<string, string> = {},
  { replicas = 2 } = {},
): Promise<ProcessProduct> {
  await using starting = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'cr-processes-'));
  starting.defer(() => rmSync(directory, { recursive: true, force: true }));
  const keys = join(directory, 'keys');
  mkdirSync(keys);
  const engines = await openEngines();
  starting.defer(() => engines.close());
  // When all have ended, so that nothing that any of these tests has caused goes unseen.
  starting.defer(async () => void (await validateKafkaEvents(engines.kafka.brokers)));
  await Promise.all([engines.createTopics(), ...serviceNames.map(engines.migrate)]);
  // As late as can be: a port that was free is free for others too.
  const plan = await planProcesses({ ...engines, replicas, directory, env });
  const processes = createProcesses(plan);
  starting.defer(async () => void (await processes.endAll('SIGKILL')));
  await processes.startAll();
  const rpc = openRpcEndpoint(
    'worker',
    { tlsDirectory: plan.certificates.directories['demo-world'] },
    { logger: createLogger({ service: 'test', level: 'silent' }) },
  );
  starting.defer(rpc.close);
  const running = starting.move();

  const { gatewayUrl, demoUrl, demoDirectory, address } = plan;
  const { replicas: replicasOf, startMissing, replace, endAll, startAll } = processes;
  return {
    ...{ gatewayUrl, demoUrl, demoDirectory, address, engines },
    certificates: plan.certificates,
    metrics: () =>
      Promise.all(
        [...serviceNames, 'gateway' as const]
          .flatMap((of) => processes.replicas(of))
          .map(({ internalUrl }) => readMetrics(internalUrl)),
      ),
    connect: (definition, service, options) => rpc.connect(definition, address(service), options),
    gatewayUrls: plan.gatewayUrls,
    ...{ replicas: replicasOf, startMissing, replace },
    log: () => processes.all.map((replica) => replica.log()).join(''),
    demoSourcesMade: () => untilDemoSourcesMade(demoDirectory),
    end: (signal = 'SIGTERM') => endAll(signal),
    async restart() {
      await endAll('SIGKILL');
      await startAll();
    },
    async everythingKept() {
      const printed = processes.all.map((replica) => ({
        name: `log of ${replica.name}`,
        bytes: Buffer.from(replica.printed()),
      }));
      return [...(await engines.kept()), ...printed, ...filesBelow(keys)];
    },
    dispose: () => running.disposeAsync(),
  };
}
