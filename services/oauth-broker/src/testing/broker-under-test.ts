import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudEvent, EventLog } from '@credential-renewal/events';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { createRpcServer, openRpcEndpoint, type RpcClient } from '@credential-renewal/rpc';
import {
  createLogger,
  createShiftableClock,
  type ShiftableClock,
} from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import type { OauthBrokerConfig } from '../config.ts';
import { startOauthBroker } from '../start.ts';
import { createFakeRegistry, type FakeRegistry } from './fake-registry.ts';
import { createFakeVault, type FakeVault } from './fake-vault.ts';
import { type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

export type BrokerUnderTest = {
  rpc: RpcClient<typeof OauthBrokerServiceService>;
  provider: ScriptedProvider;
  vault: FakeVault;
  registry: FakeRegistry;
  clock: ShiftableClock;
  metrics: Registry;
  logLines: string[];
  directory: string;
  publish(event: CloudEvent): Promise<void>;
  /** What its probe would say of its store. */
  storeReadiness(): unknown;
  /** Stops it and starts it again with a changed entry of the catalogue, on the same store. */
  restart(change: (entry: Record<string, unknown>) => object): Promise<void>;
  stop(): Promise<void>;
} & AsyncDisposable;

export type BrokerOptions = {
  config?: Partial<OauthBrokerConfig>;
  /** Changes the entry of the one provider of the catalogue. */
  entry?: (entry: Record<string, unknown>) => Record<string, unknown>;
  provider?: Parameters<typeof startScriptedProvider>[0];
  /** The certificate of its client, which names the gateway among others. */
  clientTlsDirectory?: string;
};

/** A broker with a real provider on loopback, and the vault and registry it calls over real unix sockets. */
export async function startBrokerUnderTest(options: BrokerOptions = {}): Promise<BrokerUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'broker-'));
  const clock = createShiftableClock();
  const provider = await startScriptedProvider(options.provider);
  const entry = catalogueEntry(provider);
  await writeFile(
    join(directory, 'orchard.yaml'),
    JSON.stringify(options.entry ? options.entry(entry) : entry),
  );
  await writeFile(join(directory, 'secret'), 'planted-client-secret\n');
  const logLines: string[] = [];
  const logger = createLogger({
    service: 'oauth-broker',
    level: 'debug',
    destination: { write: (line: string) => void logLines.push(line) },
  });
  const vault = createFakeVault(clock);
  const registry = createFakeRegistry();
  const serving = await Promise.all(
    [vault, registry].map(({ service }, index) =>
      createRpcServer({
        name: `fake ${index}`,
        address: `unix:${join(directory, `${index}.sock`)}`,
        logger: logger.child({}, { level: 'silent' }),
        services: [service],
        drainTimeoutMs: 100,
      }),
    ),
  );
  const { eventLog, publish } = createLoopbackLog();
  const metrics = new Registry();
  const start = () =>
    startOauthBroker(
      {
        listenAddress: `unix:${join(directory, 'broker.sock')}`,
        store: { engine: 'sqlite', path: join(directory, 'broker.db') },
        vaultAddress: serving[0]?.address ?? '',
        registryAddress: serving[1]?.address ?? '',
        publicUrl: new URL('http://localhost:3000'),
        catalogueDirectories: [directory],
        refreshHttpTimeoutMs: 1_000,
        refreshLeaseMs: 2_500,
        sweepIntervalMs: 60_000,
        providerConcurrency: 8,
        identityCheckIntervalMs: 900_000,
        ...options.config,
      },
      { clock, logger, metrics, eventLog, random: () => 0 },
    );
  let broker = await start();
  const endpoint = openRpcEndpoint(
    'gateway',
    { tlsDirectory: options.clientTlsDirectory },
    { logger: logger.child({}, { level: 'silent' }) },
  );
  const rpc = endpoint.connect(OauthBrokerServiceService, broker.address, { deadlineMs: 10_000 });
  let stopped = false;
  async function stop(): Promise<void> {
    if (stopped) return;
    stopped = true;
    rpc.close();
    endpoint.close();
    await broker.stop();
    await Promise.all(serving.map((server) => server.stop()));
    await provider.close();
    await rm(directory, { recursive: true, force: true });
  }
  async function restart(change: (entry: Record<string, unknown>) => object): Promise<void> {
    await broker.stop();
    metrics.clear();
    await writeFile(join(directory, 'orchard.yaml'), JSON.stringify(change(entry)));
    broker = await start();
  }
  return {
    restart,
    storeReadiness: () => broker.readiness['store']?.(),
    ...{ rpc, provider, vault, registry, clock, metrics, logLines, directory, publish, stop },
    [Symbol.asyncDispose]: stop,
  };
}

export function catalogueEntry(provider: ScriptedProvider): Record<string, unknown> {
  const at = (path: string) => `${provider.origin}${path}`;
  return {
    id: 'orchard',
    name: 'Orchard Drive',
    issuer: provider.origin,
    endpoints: {
      authorization: at('/authorize'),
      token: at('/token'),
      revocation: at('/revoke'),
      userinfo: at('/userinfo'),
    },
    clients: {
      default: {
        id: 'our-client',
        secretFile: 'secret',
        authentication: 'client_secret_basic',
      },
    },
    issuerParameter: true,
    accessToken: { lifetimeSeconds: 3600 },
    refreshToken: { rotation: 'single_use', graceSeconds: 60 },
    identity: { kind: 'user', call: 'userinfo', key: '/sub', label: '/email' },
    verdicts: [{ error: 'invalid_grant', class: 'dead' }],
    allowPrivateHosts: [provider.host],
    connectors: {
      'orchard-drive': { name: 'Orchard Drive', kind: 'personal', scopes: ['files.read'] },
    },
  };
}

export const newBrowserSecret = (): string => randomBytes(32).toString('base64url');

/** Only `tail`, which is all of the log that the broker uses. */
function createLoopbackLog(): { eventLog: EventLog; publish(event: CloudEvent): Promise<void> } {
  const tails: ((logged: { event: CloudEvent }) => Promise<void> | void)[] = [];
  const eventLog = {
    tail: async ({ handle }: { handle: (typeof tails)[number] }) => {
      tails.push(handle);
      return { stop: async () => undefined };
    },
    problem: () => undefined,
  };
  return {
    eventLog: eventLog as unknown as EventLog,
    async publish(event) {
      for (const handle of tails) await handle({ event });
    },
  };
}
