import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  HealthCheckResponse_ServingStatus,
  HealthService,
} from '@credential-renewal/proto/grpc/health/v1/health';
import { createRpcClient } from '@credential-renewal/rpc';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from './free-ports.ts';
import { type SpawnedProcess, spawnNode } from './spawned-process.ts';
import { until } from './until.ts';

type Service = {
  main: string;
  /** Absent: no gRPC server. */
  grpcName?: string;
  rpcPort: number;
  internalPort: number;
  env: Record<string, string>;
  /** What it cannot guess. */
  required: string[];
  running?: SpawnedProcess;
};

let directory: string;
let services: Record<string, Service>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'cr-alone-'));
  const [registryRpc, vaultRpc, notificationRpc, brokerRpc, http, ...internal] = (await freePorts(
    10,
  )) as [number, number, number, number, number, ...number[]];
  const publicUrl = `http://localhost:${http}`;
  const at = (port: number) => `127.0.0.1:${port}`;
  const own = (name: string, rpcPort: number) => ({
    LISTEN_ADDRESS: at(rpcPort),
    STORE_URL: `sqlite:${join(directory, `${name}.db`)}`,
  });
  writeCatalogue();
  const list: [string, Omit<Service, 'internalPort'>][] = [
    [
      'source-registry',
      {
        main: 'services/source-registry/src/main.ts',
        grpcName: 'source_registry.v1.SourceRegistryService',
        rpcPort: registryRpc,
        env: own('source-registry', registryRpc),
        required: ['STORE_URL'],
      },
    ],
    [
      'credential-vault',
      {
        main: 'services/credential-vault/src/main.ts',
        grpcName: 'credential_vault.v1.CredentialVaultService',
        rpcPort: vaultRpc,
        env: {
          ...own('credential-vault', vaultRpc),
          KEY_ENCRYPTION_KEY_URL: `file:${join(directory, 'vault.key')}`,
        },
        required: ['STORE_URL', 'KEY_ENCRYPTION_KEY_URL'],
      },
    ],
    [
      'notification',
      {
        main: 'services/notification/src/main.ts',
        grpcName: 'notification.v1.NotificationService',
        rpcPort: notificationRpc,
        env: {
          ...own('notification', notificationRpc),
          REGISTRY_ADDRESS: at(registryRpc),
          PUBLIC_URL: publicUrl,
        },
        required: ['STORE_URL', 'REGISTRY_ADDRESS', 'PUBLIC_URL'],
      },
    ],
    [
      'oauth-broker',
      {
        main: 'services/oauth-broker/src/main.ts',
        grpcName: 'oauth_broker.v1.OauthBrokerService',
        rpcPort: brokerRpc,
        env: {
          ...own('oauth-broker', brokerRpc),
          REGISTRY_ADDRESS: at(registryRpc),
          VAULT_ADDRESS: at(vaultRpc),
          PUBLIC_URL: publicUrl,
          CATALOGUE_DIRECTORY: join(directory, 'catalogue'),
        },
        required: [
          'LISTEN_ADDRESS',
          'STORE_URL',
          'VAULT_ADDRESS',
          'REGISTRY_ADDRESS',
          'PUBLIC_URL',
          'CATALOGUE_DIRECTORY',
        ],
      },
    ],
    [
      'gateway',
      {
        main: 'gateway/src/main.ts',
        rpcPort: http,
        env: {
          PORT: String(http),
          REGISTRY_ADDRESS: at(registryRpc),
          BROKER_ADDRESS: at(brokerRpc),
          NOTIFICATION_ADDRESS: at(notificationRpc),
          OIDC_ISSUER: 'https://identity.example',
          OIDC_CLIENT_ID: 'credential-renewal',
          SESSION_KEY_FILE: join(directory, 'session.key'),
          UI_DIRECTORY: join(directory, 'ui'),
        },
        required: [
          'REGISTRY_ADDRESS',
          'BROKER_ADDRESS',
          'NOTIFICATION_ADDRESS',
          'OIDC_ISSUER',
          'OIDC_CLIENT_ID',
          'SESSION_KEY_FILE',
          'UI_DIRECTORY',
        ],
      },
    ],
  ];
  services = Object.fromEntries(
    list.map(([name, service], index) => [
      name,
      { ...service, internalPort: internal[index] ?? 0 },
    ]),
  );
  for (const [name, service] of Object.entries(services)) {
    service.running = run(service, {
      ...service.env,
      INTERNAL_PORT: String(service.internalPort),
      EVENT_LOG_URL: `embedded:${join(directory, `${name}-events`)}`,
    });
  }
});
afterAll(async () => {
  await Promise.all(Object.values(services).map(({ running }) => running?.end('SIGKILL')));
  rmSync(directory, { recursive: true, force: true });
});

/** One provider that nobody asks anything. */
function writeCatalogue(): void {
  mkdirSync(join(directory, 'catalogue'));
  mkdirSync(join(directory, 'ui'));
  writeFileSync(join(directory, 'ui', 'index.html'), '<!doctype html><title>Pages</title>');
  writeFileSync(join(directory, 'client-secret'), 'of-nobody', { mode: 0o600 });
  const issuer = 'https://files.example';
  const entry = {
    id: 'files',
    name: 'Files',
    issuer,
    endpoints: { authorization: `${issuer}/authorize`, token: `${issuer}/token` },
    clients: {
      default: { id: 'credential-renewal', secretFile: join(directory, 'client-secret') },
    },
    issuerParameter: false,
    accessToken: { lifetimeSeconds: 3600 },
    refreshToken: { rotation: 'none' },
    identity: { kind: 'user', call: `${issuer}/me`, key: '/id', label: '/email' },
    verdicts: [{ error: 'invalid_grant', class: 'dead' }],
    allowPrivateHosts: [],
    connectors: { files: { name: 'Files', kind: 'personal', scopes: ['files.read'] } },
  };
  writeFileSync(join(directory, 'catalogue', 'files.yaml'), JSON.stringify(entry));
}

function run({ main }: Service, env: Record<string, string>): SpawnedProcess {
  // Nothing of this shell: a service knows what it is told.
  return spawnNode([main], { PATH: process.env['PATH'], ...env });
}

const names = ['source-registry', 'credential-vault', 'notification', 'oauth-broker', 'gateway'];

function serviceOf(name: string): Service {
  const service = services[name];
  if (!service) throw new Error(`no service ${name}`);
  return service;
}

/** Waits for `check`, but not for a process that has ended. */
function whileRunning<T>({ running }: Service, check: () => Promise<T>): Promise<T> {
  const over = running?.ended.then((code): never => {
    throw new Error(`ended with ${code}:\n${running.output()}`);
  });
  return Promise.race([until(check), ...(over ? [over] : [])]);
}

test.each(names)('%s starts alone, is alive and becomes ready', async (name) => {
  const service = serviceOf(name);
  await whileRunning(service, async () => {
    for (const probe of ['livez', 'readyz']) {
      const answer = await fetch(`http://127.0.0.1:${service.internalPort}/${probe}`);
      expect(await answer.text()).toBe('ok\n');
    }
  });
});

test.each(names.filter((name) => name !== 'gateway'))(
  '%s answers health checks over TCP, as a whole and by its service name',
  async (name) => {
    const { rpcPort, grpcName = '' } = serviceOf(name);
    const health = createRpcClient(HealthService, `127.0.0.1:${rpcPort}`, { deadlineMs: 5_000 });
    try {
      for (const service of ['', grpcName]) {
        const { status } = await health.check({ service });
        expect(status).toBe(HealthCheckResponse_ServingStatus.SERVING);
      }
    } finally {
      health.close();
    }
  },
);

test('the gateway answers while its neighbours are processes elsewhere', async () => {
  const { rpcPort } = serviceOf('gateway');
  const me = await fetch(`http://localhost:${rpcPort}/api/v1/me`);
  expect(me.status).toBe(401);
  expect(await me.json()).toMatchObject({ code: 'SESSION_REQUIRED' });
  expect((await fetch(`http://localhost:${rpcPort}/openapi.json`)).status).toBe(200);
});

test.each(names)('%s without configuration names all that is missing at once', async (name) => {
  const service = serviceOf(name);
  const unconfigured = run(service, {});
  expect(await unconfigured.ended).toBe(1);
  const told = unconfigured.errors();
  for (const variable of [...service.required, 'EVENT_LOG_URL'])
    expect(told).toContain(`${variable} must be set`);
  expect(told).not.toMatch(/^ +at /m);
});

test('an address that is taken is told in a plain sentence', { timeout: 10_000 }, async ({
  onTestFinished,
}) => {
  const { env, rpcPort, ...service } = serviceOf('source-registry');
  const second = run(
    { ...service, env, rpcPort },
    {
      ...env,
      STORE_URL: `sqlite:${join(directory, 'second.db')}`,
      INTERNAL_PORT: '0',
      EVENT_LOG_URL: `embedded:${join(directory, 'second-events')}`,
    },
  );
  onTestFinished(async () => void (await second.end('SIGKILL')));
  expect(await second.ended).toBe(1);
  expect(second.errors()).toContain(String(rpcPort));
  expect(second.errors()).not.toMatch(/^ +at /m);
});

test.each(names)('%s ends well when it is told to', async (name) => {
  const { running } = serviceOf(name);
  expect(await running?.end('SIGTERM')).toBe(0);
});
