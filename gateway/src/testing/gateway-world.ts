import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventLog, openEmbeddedEventLog } from '@credential-renewal/events';
import { createRpcServer } from '@credential-renewal/rpc';
import {
  createLogger,
  createShiftableClock,
  type ShiftableClock,
} from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { startGateway } from '../app.ts';
import type { GatewayConfig } from '../config.ts';
import { createSealer } from '../session/sealer.ts';
import { loadSessionKey } from '../session/session-key.ts';
import { type FakeIdentityProvider, startFakeIdentityProvider } from './fake-identity-provider.ts';
import {
  createFakeNotification,
  type FakeNotification,
  serveNotification,
} from './fake-notification.ts';
import {
  createFakeBroker,
  createFakeRegistry,
  type FakeBroker,
  type FakeRegistry,
  serveBroker,
  serveRegistry,
} from './fake-services.ts';

export type GatewayWorld = {
  address: string;
  publicUrl: URL;
  clock: ShiftableClock;
  eventLog: EventLog;
  identityProvider: FakeIdentityProvider;
  registry: FakeRegistry;
  broker: FakeBroker;
  notification: FakeNotification;
  /** Set: every call of the registry is UNAVAILABLE. */
  registryAway: boolean;
  logLines: string[];
  metrics: Registry;
  /** Ends the gateway alone. */
  stopGateway(): Promise<void>;
  /** A `Cookie` header of a session of this user. */
  sessionOf(userId: string): Promise<string>;
  /** Without following redirects; as a page of the site would send it when `as` is given. */
  fetch(path: string, init?: RequestInit & { as?: string }): Promise<Response>;
  stop(): Promise<void>;
};

/** The real gateway on a free port, before faked services on unix sockets, a real event log and a signing OIDC provider. */
export async function startGatewayWorld(overrides: WorldOverrides = {}): Promise<GatewayWorld> {
  const surroundings = await startSurroundings(overrides);
  const { directory, clock, logger, metrics, eventLog } = surroundings;
  const config = configFor(surroundings, overrides);
  await writeFile(
    join(directory, 'client-secret'),
    overrides.clientSecret ?? surroundings.identityProvider.clientSecret,
  );
  const { heartbeatMs, closeWithinMs } = overrides;
  const gateway = await startGateway(config, {
    clock,
    logger,
    metrics,
    eventLog,
    heartbeatMs,
    closeWithinMs,
  }).catch(async (error: unknown) => {
    await surroundings.stop();
    throw error;
  });
  const { publicUrl, sessionKeyFile } = config;
  const sealer = createSealer({ key: await loadSessionKey(sessionKeyFile), clock });

  async function sessionOf(userId: string): Promise<string> {
    const name = publicUrl.protocol === 'https:' ? '__Host-session' : 'session';
    return `${name}=${await sealer.seal('session', { sub: userId }, 12 * 60 * 60_000)}`;
  }

  return Object.assign(surroundings, {
    address: gateway.address,
    publicUrl,
    stopGateway: gateway.stop,
    sessionOf,
    async fetch(path: string, { as, ...init }: RequestInit & { as?: string } = {}) {
      const headers = new Headers(init.headers);
      if (as !== undefined && !headers.has('cookie')) headers.set('cookie', await sessionOf(as));
      if (as !== undefined && !headers.has('origin')) headers.set('origin', publicUrl.origin);
      return fetch(`${gateway.address}${path}`, { redirect: 'manual', ...init, headers });
    },
    stop: stopInOrder(gateway.stop, surroundings.stop),
  });
}

type WorldOverrides = {
  config?: Partial<GatewayConfig>;
  registry?: Partial<FakeRegistry>;
  broker?: Partial<FakeBroker>;
  notification?: Partial<FakeNotification>;
  heartbeatMs?: number;
  closeWithinMs?: number;
  clientSecret?: string;
};

type Surroundings = Awaited<ReturnType<typeof startSurroundings>>;

async function startSurroundings(overrides: WorldOverrides) {
  const directory = await mkdtemp(join(tmpdir(), 'gw-'));
  const logLines: string[] = [];
  const logger = createLogger({
    service: 'gateway',
    level: 'info',
    destination: { write: (line) => void logLines.push(line) },
  });
  const clock = createShiftableClock();
  const identityProvider = await startFakeIdentityProvider();
  const registry = Object.assign(createFakeRegistry(), overrides.registry);
  const broker = Object.assign(createFakeBroker(), overrides.broker);
  const notification = Object.assign(createFakeNotification(), overrides.notification);
  const registryServer = await createRpcServer({
    name: 'registry',
    address: `unix:${join(directory, 'r')}`,
    logger,
    services: serveRegistry(registry, () => surroundings.registryAway),
  });
  const brokerServer = await createRpcServer({
    name: 'broker',
    address: `unix:${join(directory, 'b')}`,
    logger,
    services: [serveBroker(broker)],
  });
  const notificationServer = await createRpcServer({
    name: 'notification',
    address: `unix:${join(directory, 'n')}`,
    logger,
    services: serveNotification(notification),
  });
  const eventLog = await openEmbeddedEventLog({
    directory: join(directory, 'events'),
    clock,
    logger,
  });
  const surroundings = {
    ...{ directory, logLines, logger, clock, identityProvider, eventLog },
    ...{ registry, broker, notification },
    metrics: new Registry(),
    registryAway: false,
    addresses: {
      registry: registryServer.address,
      broker: brokerServer.address,
      notification: notificationServer.address,
    },
    stop: stopInOrder(
      registryServer.stop,
      brokerServer.stop,
      notificationServer.stop,
      eventLog.close,
      identityProvider.stop,
      () => rm(directory, { recursive: true, force: true }),
    ),
  };
  return surroundings;
}

function stopInOrder(...stops: (() => Promise<void>)[]): () => Promise<void> {
  return async () => {
    for (const stop of stops) await stop();
  };
}

function configFor(
  { directory, addresses, identityProvider }: Surroundings,
  overrides: WorldOverrides,
): GatewayConfig {
  return {
    host: '127.0.0.1',
    port: 0,
    publicUrl: new URL('http://localhost:3000'),
    registryAddress: addresses.registry,
    brokerAddress: addresses.broker,
    notificationAddress: addresses.notification,
    identityProvider: {
      issuer: identityProvider.issuer,
      clientId: 'gateway',
      clientSecretFile: join(directory, 'client-secret'),
      scope: 'openid profile email',
      accountClaim: 'account',
      accountNameClaim: 'account_name',
      roleClaim: 'role',
    },
    apiAudience: 'urn:credential-renewal:api',
    sessionKeyFile: join(directory, 'session.key'),
    allowedOrigins: ['https://other-ui.example'],
    returnTargetOrigins: ['https://other-ui.example'],
    uiDirectory: join(directory, 'ui'),
    ...overrides.config,
  };
}
