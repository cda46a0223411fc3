import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventLog, openEventLog } from '@credential-renewal/events';
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
export async function startGatewayWorld(
  overrides: {
    config?: Partial<GatewayConfig>;
    registry?: Partial<FakeRegistry>;
    broker?: Partial<FakeBroker>;
    heartbeatMs?: number;
    clientSecret?: string;
  } = {},
): Promise<GatewayWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'gw-'));
  const logLines: string[] = [];
  const logger = createLogger({
    service: 'gateway',
    level: 'info',
    destination: { write: (line) => void logLines.push(line) },
  });
  const metrics = new Registry();
  const clock = createShiftableClock();
  const identityProvider = await startFakeIdentityProvider();
  const registry = Object.assign(createFakeRegistry(), overrides.registry);
  const broker = Object.assign(createFakeBroker(), overrides.broker);
  const registryServer = await createRpcServer({
    name: 'registry',
    address: `unix:${join(directory, 'r')}`,
    logger,
    services: [serveRegistry(registry, () => world.registryAway)],
  });
  const brokerServer = await createRpcServer({
    name: 'broker',
    address: `unix:${join(directory, 'b')}`,
    logger,
    services: [serveBroker(broker)],
  });
  const eventLog = await openEventLog(new URL(`embedded:${join(directory, 'events')}`), {
    clock,
    logger,
  });
  const sessionKeyFile = join(directory, 'session.key');
  const clientSecretFile = join(directory, 'client-secret');
  await writeFile(clientSecretFile, overrides.clientSecret ?? identityProvider.clientSecret);
  const publicUrl = overrides.config?.publicUrl ?? new URL('http://localhost:3000');

  const gateway = await startGateway(
    {
      host: '127.0.0.1',
      port: 0,
      publicUrl,
      registryAddress: registryServer.address,
      brokerAddress: brokerServer.address,
      identityProvider: {
        issuer: identityProvider.issuer,
        clientId: 'gateway',
        clientSecretFile,
        scope: 'openid profile email',
        accountClaim: 'account',
        accountNameClaim: 'account_name',
        roleClaim: 'role',
      },
      apiAudience: 'urn:credential-renewal:api',
      sessionKeyFile,
      allowedOrigins: ['https://other-ui.example'],
      returnTargetOrigins: ['https://other-ui.example'],
      uiDirectory: join(directory, 'ui'),
      ...overrides.config,
    },
    { clock, logger, metrics, eventLog, heartbeatMs: overrides.heartbeatMs },
  );
  const sealer = createSealer({ key: await loadSessionKey(sessionKeyFile), clock });

  async function sessionOf(userId: string): Promise<string> {
    const name = publicUrl.protocol === 'https:' ? '__Host-session' : 'session';
    return `${name}=${await sealer.seal('session', { sub: userId }, 12 * 60 * 60_000)}`;
  }

  const world: GatewayWorld = {
    address: gateway.address,
    publicUrl,
    clock,
    eventLog,
    identityProvider,
    registry,
    broker,
    registryAway: false,
    logLines,
    metrics,
    stopGateway: gateway.stop,
    sessionOf,
    async fetch(path, { as, ...init } = {}) {
      const headers = new Headers(init.headers);
      if (as !== undefined && !headers.has('cookie')) headers.set('cookie', await sessionOf(as));
      if (as !== undefined && !headers.has('origin')) headers.set('origin', publicUrl.origin);
      return fetch(`${gateway.address}${path}`, { redirect: 'manual', ...init, headers });
    },
    async stop() {
      await gateway.stop();
      await Promise.all([registryServer.stop(), brokerServer.stop()]);
      await eventLog.close();
      await identityProvider.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return world;
}
