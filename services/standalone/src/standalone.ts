import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startCredentialVault } from '@credential-renewal/credential-vault';
import { personas } from '@credential-renewal/demo-provider';
import { openEventLog } from '@credential-renewal/events';
import { startGateway } from '@credential-renewal/gateway';
import { startNotification } from '@credential-renewal/notification';
import { startOauthBroker } from '@credential-renewal/oauth-broker';
import {
  createInternalServer,
  createShiftableClock,
  degraded,
  type Logger,
  measureReadiness,
  openTracing,
  type ReadinessCheck,
} from '@credential-renewal/runtime';
import { startSourceRegistry } from '@credential-renewal/source-registry';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { StandaloneConfig } from './config.ts';
import { makeSocketDirectory, prepareDataDirectory } from './data-directory.ts';
import { keepAddresses } from './demo/demo-addresses.ts';
import { openDemoPart } from './demo/demo-part.ts';
import { serviceConfigs } from './service-configs.ts';
import { openLog } from './standalone-log.ts';
import { createStartOrder, type StartOrder } from './start-order.ts';

export type Standalone = {
  gatewayUrl: string;
  demoUrl: string;
  logFile: string | undefined;
  personas: typeof personas;
  stop(): Promise<void>;
};

/**
 * Every service, the gateway and the demo world in one process. The services are the same as in production and talk over
 * real gRPC; only addresses, stores and the event log differ. Rejects with what kept it from starting, and leaves nothing
 * running then.
 */
export async function startStandalone(config: StandaloneConfig): Promise<Standalone> {
  prepareDataDirectory(config.dataDirectory);
  const { logFor, logFile } = openLog(config);
  const logger = logFor('standalone');
  const order = createStartOrder((err) => logger.error({ err }, 'a part did not stop cleanly'));
  try {
    const urls = await start(config, order, logFor);
    return { ...urls, logFile, personas, stop: () => order.stopAll() };
  } catch (error) {
    await order.stopAll();
    throw error;
  }
}

async function start(
  config: StandaloneConfig,
  order: StartOrder,
  logFor: (service: string) => Logger,
): Promise<{ gatewayUrl: string; demoUrl: string }> {
  const { dataDirectory } = config;
  const clock = createShiftableClock();
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const tracing = { service: 'standalone', logger: logFor('standalone'), metrics };
  order.started(await openTracing(config.tracing, tracing));
  const sockets = makeSocketDirectory();
  order.onStop(() => rm(sockets, { recursive: true, force: true }));
  const configs = serviceConfigs(config, sockets);

  const eventLog = await openEventLog(configs.eventLog, {
    ...{ service: 'standalone', clock, metrics, logger: logFor('event-log') },
  });
  order.onStop(() => eventLog.close());
  const deps = (service: string) => ({ clock, metrics, eventLog, logger: logFor(service) });

  const vault = order.started(await startCredentialVault(configs.vault, deps('credential-vault')));
  const registry = order.started(
    await startSourceRegistry(configs.registry, deps('source-registry')),
  );
  const notification = order.started(
    await startNotification(configs.notification, deps('notification')),
  );

  const demo = order.started(
    await openDemoPart(configs.demo, {
      ...{ clock, eventLog, logger: logFor('demo-world') },
      advanceClock: clockShift(config, clock.advance),
    }),
  );
  const broker = order.started(
    await startOauthBroker(configs.broker(demo.catalogueDirectory), deps('oauth-broker')),
  );
  const gateway = order.started(await startGateway(configs.gateway(demo.world), deps('gateway')));
  const readiness = {
    ...prefixed('vault', vault.readiness),
    ...prefixed('registry', registry.readiness),
    ...prefixed('notification', notification.readiness),
    ...prefixed('broker', broker.readiness),
    ...prefixed('gateway', gateway.readiness),
    'event log': () => degraded(eventLog.problem()),
  };
  const internal = { host: config.internalHost, port: config.internalPort };
  measureReadiness(metrics, readiness);
  order.started(await createInternalServer({ ...internal, metrics, readiness }));
  // Last of all, so that what is damaged is told first; nothing has been changed by then.
  keepAddresses(dataDirectory, join(dataDirectory, 'demo', 'addresses.json'), config);
  order.started(await demo.populate());
  return { gatewayUrl: configs.demo.gatewayUrl, demoUrl: demo.world.origin };
}

function clockShift(config: StandaloneConfig, advance: (ms: number) => void) {
  return (ms: number) => {
    if (!config.clockMayShift) throw new Error('NODE_ENV is production: the clock cannot be moved');
    advance(ms);
  };
}

function prefixed(
  name: string,
  checks: Record<string, ReadinessCheck>,
): Record<string, ReadinessCheck> {
  return Object.fromEntries(
    Object.entries(checks).map(([check, run]) => [`${name} ${check}`, run]),
  );
}
