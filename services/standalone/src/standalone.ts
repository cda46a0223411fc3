import { existsSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startCredentialVault } from '@credential-renewal/credential-vault';
import { createDemoWorld, personas, seedDemoWorld } from '@credential-renewal/demo-provider';
import { openEventLog } from '@credential-renewal/events';
import { startGateway } from '@credential-renewal/gateway';
import { startNotification } from '@credential-renewal/notification';
import { startOauthBroker } from '@credential-renewal/oauth-broker';
import {
  type Clock,
  createInternalServer,
  createLogger,
  createShiftableClock,
  type Logger,
  type ReadinessCheck,
} from '@credential-renewal/runtime';
import { startSourceRegistry } from '@credential-renewal/source-registry';
import { pino } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { StandaloneConfig } from './config.ts';
import { makeSocketDirectory, prepareDataDirectory } from './data-directory.ts';
import { prepareDemoWorker } from './demo-worker.ts';
import { openMailbox } from './mailbox.ts';
import { serviceAddresses, storeUrl } from './service-addresses.ts';
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
    return await start(config, order, logFor, logFile);
  } catch (error) {
    await order.stopAll();
    throw error;
  }
}

async function start(
  config: StandaloneConfig,
  order: StartOrder,
  logFor: (service: string) => Logger,
  logFile: string | undefined,
): Promise<Standalone> {
  const { dataDirectory, host, timing } = config;
  const gatewayUrl = `http://${host}:${config.port}`;
  const publicUrl = new URL(gatewayUrl);
  const clock = createShiftableClock();
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const sockets = makeSocketDirectory();
  order.onStop(() => rm(sockets, { recursive: true, force: true }));
  const at = serviceAddresses(sockets);
  const deps = (service: string) => ({ clock, metrics, eventLog, logger: logFor(service) });

  const eventLogUrl = new URL(`embedded:${encodeURI(join(dataDirectory, 'events'))}`);
  const eventLog = await openEventLog(eventLogUrl, { clock, logger: logFor('event-log') });
  order.onStop(() => eventLog.close());

  const vault = order.started(
    await startCredentialVault(
      {
        listenAddress: at.vault,
        storeUrl: storeUrl(dataDirectory, 'credential-vault'),
        keyFile: join(dataDirectory, 'keys', 'vault.key'),
        confirmRefusalAfterMs: 60_000,
        maxRetryDelayMs: 300_000,
      },
      deps('credential-vault'),
    ),
  );
  const registry = order.started(
    await startSourceRegistry(
      { listenAddress: at.registry, storeUrl: storeUrl(dataDirectory, 'source-registry') },
      deps('source-registry'),
    ),
  );
  const notification = order.started(
    await startNotification(
      {
        listenAddress: at.notification,
        storeUrl: storeUrl(dataDirectory, 'notification'),
        registryAddress: at.registry,
        publicUrl,
        mailTransportUrl: new URL('mailbox:'),
        mailFrom: { name: 'Credential Renewal', address: 'no-reply@localhost' },
        productName: 'Credential Renewal',
        digestWindowMs: timing.digestWindowMs,
      },
      deps('notification'),
    ),
  );

  const mailbox = order.started(openMailbox(at.notification));
  const worker = prepareDemoWorker({
    brokerAddress: at.broker,
    registryAddress: at.registry,
    intervalMs: timing.workerIntervalMs,
    eventLog,
    clock,
    logger: logFor('demo-worker'),
    apiOrigin: () => demoWorld.origin,
  });
  const demoWorld = order.started(
    createDemoWorld({
      host,
      port: config.demoPort,
      gatewayUrl,
      dataDir: dataDirectory,
      logger: logFor('demo-world'),
      clock,
      advanceClock: clockShift(config, clock),
      mailbox,
      setWorkerPaused: worker.setPaused,
      options: config.demoProvider,
    }),
  );
  await demoWorld.start();
  const catalogueDirectory = join(dataDirectory, 'demo', 'catalogue');
  await demoWorld.writeCatalogue(catalogueDirectory);

  const broker = order.started(
    await startOauthBroker(
      {
        listenAddress: at.broker,
        storeUrl: storeUrl(dataDirectory, 'oauth-broker'),
        vaultAddress: at.vault,
        registryAddress: at.registry,
        publicUrl,
        catalogueDirectory,
        refreshHttpTimeoutMs: timing.refreshHttpTimeoutMs,
        refreshLeaseMs: timing.refreshLeaseMs,
        sweepIntervalMs: timing.sweepIntervalMs,
        providerConcurrency: 8,
        identityCheckIntervalMs: 15 * 60_000,
      },
      deps('oauth-broker'),
    ),
  );
  const gateway = order.started(
    await startGateway(
      {
        host,
        port: config.port,
        publicUrl,
        registryAddress: at.registry,
        brokerAddress: at.broker,
        identityProvider: {
          issuer: new URL(demoWorld.identityIssuer),
          ...demoWorld.gatewayClient,
          scope: 'openid profile email account',
          accountClaim: 'account',
          accountNameClaim: 'account_name',
          roleClaim: 'role',
        },
        apiAudience: demoWorld.apiAudience,
        sessionKeyFile: join(dataDirectory, 'keys', 'session.key'),
        allowedOrigins: [],
        returnTargetOrigins: [],
        uiDirectory: config.uiDirectory,
      },
      deps('gateway'),
    ),
  );
  order.started(
    await createInternalServer({
      host: '127.0.0.1',
      port: config.internalPort,
      metrics,
      readiness: {
        ...prefixed('vault', vault.readiness),
        ...prefixed('registry', registry.readiness),
        ...prefixed('notification', notification.readiness),
        ...prefixed('broker', broker.readiness),
        ...prefixed('gateway', gateway.readiness),
        'event log': () => eventLog.problem(),
      },
    }),
  );
  order.started(await worker.start());
  if (config.demoSources) {
    order.onStop(
      seedInBackground(gatewayUrl, join(dataDirectory, 'demo', 'seeded'), logFor('demo-world')),
    );
  }
  return { gatewayUrl, demoUrl: demoWorld.origin, logFile, personas, stop: () => order.stopAll() };
}

/**
 * The newcomer's sources are made through the product's own pages, so only once it answers; nobody waits for them. Once: what
 * somebody has deleted since stays deleted.
 */
function seedInBackground(gatewayUrl: string, marker: string, logger: Logger): () => Promise<void> {
  if (existsSync(marker)) return async () => {};
  const stopping = new AbortController();
  const seeded = seedDemoWorld({ gatewayUrl, logger, signal: stopping.signal })
    .then(() => writeFileSync(marker, ''))
    .catch((err: unknown) => {
      if (!stopping.signal.aborted) logger.error({ err }, 'the demo sources could not be made');
    });
  return async () => {
    stopping.abort();
    await seeded;
  };
}

function clockShift(config: StandaloneConfig, clock: Clock & { advance(ms: number): void }) {
  return (ms: number) => {
    if (!config.clockMayShift) throw new Error('NODE_ENV is production: the clock cannot be moved');
    clock.advance(ms);
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

function openLog(config: StandaloneConfig): {
  logFor: (service: string) => Logger;
  logFile: string | undefined;
} {
  const logFile =
    config.logTo === 'file' ? join(config.dataDirectory, 'standalone.log') : undefined;
  const destination = pino.destination({ dest: logFile ?? 1, sync: true, mkdir: true });
  const logFor = (service: string) =>
    createLogger({ service, level: config.logLevel, destination });
  return { logFor, logFile };
}
