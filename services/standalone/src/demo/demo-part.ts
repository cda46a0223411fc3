import { join } from 'node:path';
import {
  createDemoWorld,
  type DemoWorld,
  type DemoWorldOptions,
} from '@credential-renewal/demo-provider';
import type { EventLog } from '@credential-renewal/events';
import { openRpcEndpoint, type RpcSettings } from '@credential-renewal/rpc';
import type { Clock, Logger } from '@credential-renewal/runtime';
import { createStartOrder, type Stoppable } from '../start-order.ts';
import { openMailbox } from './demo-mailbox.ts';
import { makeDemoSources } from './demo-sources.ts';
import { prepareDemoWorker } from './demo-worker.ts';

export type DemoPartConfig = {
  host: string;
  port: number;
  gatewayUrl: string;
  /** Absolute. The demo world keeps its own things below it, in `demo` and `demo-provider.db`. */
  dataDirectory: string;
  brokerAddress: string;
  registryAddress: string;
  notificationAddress: string;
  /** A certificate that names a worker, and an operator for the mailbox. */
  rpc?: RpcSettings;
  workerIntervalMs: number;
  /** Whether a newcomer's sources are made after the start. */
  demoSources: boolean;
  demoProvider: {
    /** Of the providers whose tokens have an end that they tell. */
    accessTokenSeconds: number;
    /** How long the rotating provider honours a spent refresh token. */
    revolveGraceSeconds: number;
  };
};

export type DemoPart = Stoppable & {
  world: DemoWorld;
  /** One file per provider: what the broker reads. */
  catalogueDirectory: string;
  /** Starts those who need the product: the sync worker, and whoever makes the newcomer's sources. */
  populate(): Promise<Stoppable>;
};

/**
 * Everything outside the product, in this process or in one of its own: identity provider, providers, control page, mailbox
 * and sync worker. It speaks to the product like anybody else. Resolves when the world answers and its catalogue is written,
 * which broker and gateway need for their start.
 */
export async function openDemoPart(
  config: DemoPartConfig,
  deps: {
    clock: Clock;
    advanceClock: DemoWorldOptions['advanceClock'];
    eventLog: EventLog;
    logger: Logger;
  },
): Promise<DemoPart> {
  const { dataDirectory, gatewayUrl } = config;
  const { logger, clock, eventLog } = deps;
  const order = createStartOrder((err) =>
    logger.error({ err }, 'a part of the demo world did not stop cleanly'),
  );
  const rpc = openRpcEndpoint('worker', config.rpc, { logger });
  order.onStop(rpc.close);
  const worker = prepareDemoWorker({
    rpc,
    brokerAddress: config.brokerAddress,
    registryAddress: config.registryAddress,
    intervalMs: config.workerIntervalMs,
    ...{ eventLog, clock, logger },
    apiOrigin: () => world.origin,
  });
  const world = createDemoWorld({
    ...{ host: config.host, port: config.port, dataDir: dataDirectory, gatewayUrl },
    ...{ logger, clock, advanceClock: deps.advanceClock, options: config.demoProvider },
    mailbox: order.started(openMailbox(rpc, config.notificationAddress)),
    setWorkerPaused: worker.setPaused,
  });
  const catalogueDirectory = join(dataDirectory, 'demo', 'catalogue');
  try {
    order.started(world);
    await world.start();
    await world.writeCatalogue(catalogueDirectory);
  } catch (error) {
    await order.stopAll();
    throw error;
  }

  async function populate(): Promise<Stoppable> {
    const running = await worker.start();
    if (!config.demoSources) return running;
    const marker = join(dataDirectory, 'demo', 'seeded');
    const sources = makeDemoSources({ gatewayUrl, marker, logger });
    return {
      async stop() {
        await sources.stop();
        await running.stop();
      },
    };
  }

  return { world, catalogueDirectory, populate, stop: order.stopAll };
}
