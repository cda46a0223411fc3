import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedEventLog } from '@credential-renewal/events';
import { startOauthBroker } from '@credential-renewal/oauth-broker';
import {
  OauthBrokerServiceService,
  Authorization_Status as Status,
} from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import {
  ConnectorKind,
  Role,
  SourceRegistryServiceService,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { createRpcClient } from '@credential-renewal/rpc';
import { createLogger, createShiftableClock } from '@credential-renewal/runtime';
import { startSourceRegistry } from '@credential-renewal/source-registry';
import { Registry } from 'prom-client';
import { startVaultHere } from '../faults/refresh/vault-in-hand.ts';
import { codeClient, consent } from './code-provider.ts';

export type RenewalWorld = {
  /** From the click to the healed source, of one of the sources. */
  renew(index: number): Promise<void>;
} & AsyncDisposable;

/** Broker, vault and registry in this process, over real gRPC and on SQLite, with sources of Ada's that can be renewed. */
export async function startRenewalWorld(origin: string, sources: number): Promise<RenewalWorld> {
  await using starting = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'cr-bench-renewal-'));
  starting.defer(() => rmSync(directory, { recursive: true }));
  const socket = (name: string) => `unix:${join(directory, name)}`;
  const store = (name: string) => ({ engine: 'sqlite' as const, path: join(directory, name) });
  const clock = createShiftableClock();
  const logger = createLogger({ service: 'bench', level: 'warn' });
  const eventLog = await openEmbeddedEventLog({ directory, clock, logger });
  starting.defer(() => eventLog.close());
  const deps = { clock, logger, eventLog };
  const vault = await startVaultHere({ directory, listenAddress: socket('v'), ...deps });
  starting.defer(async () => void (await vault.stop()));
  const registry = await startSourceRegistry(
    { listenAddress: socket('r'), store: store('registry.db') },
    { ...deps, metrics: new Registry() },
  );
  starting.defer(() => registry.stop());
  writeFileSync(join(directory, 'secret'), codeClient.secret, { mode: 0o600 });
  writeFileSync(join(directory, 'orchard.yaml'), JSON.stringify(catalogueEntry(origin)));
  const broker = await startOauthBroker(
    {
      ...{ listenAddress: socket('b'), store: store('broker.db') },
      ...{ vaultAddress: socket('v'), registryAddress: registry.address },
      publicUrl: new URL('http://localhost:3000'),
      catalogueDirectories: [directory],
      ...{ refreshHttpTimeoutMs: 10_000, refreshLeaseMs: 25_000, sweepIntervalMs: 5_000 },
      ...{ providerConcurrency: 8, identityCheckIntervalMs: 900_000 },
    },
    { ...deps, metrics: new Registry() },
  );
  starting.defer(() => broker.stop());
  const registryRpc = createRpcClient(SourceRegistryServiceService, registry.address, deadline);
  starting.defer(() => registryRpc.close());
  const rpc = createRpcClient(OauthBrokerServiceService, broker.address, deadline);
  starting.defer(() => rpc.close());

  const { user } = await registryRpc.signInUser({
    ...{ issuer: 'https://login.example', subject: 'ada', name: 'Ada', email: 'ada@acme.example' },
    ...{ accountKey: 'acme', accountName: 'Acme', role: Role.MEMBER },
  });
  const userId = user?.id ?? '';

  /** The browser's part: to the provider, and back. */
  async function authorize(authorizationId: string, index: number): Promise<void> {
    const browserSecret = randomBytes(32).toString('base64url');
    const { redirectUrl } = await rpc.beginAuthorization({
      ...{ authorizationId, userId, browserSecret },
    });
    const { authorization } = await rpc.completeAuthorization({
      ...{ callbackQuery: consent(redirectUrl, `ada-${index}`), userId, browserSecret },
    });
    if (authorization?.status !== Status.SUCCEEDED)
      throw new Error(`not authorized: ${authorization?.errorCode}`);
  }

  const sourceIds: string[] = [];
  for (let index = 0; index < sources; index++) {
    const { source } = await registryRpc.createSource({
      ...{ callerUserId: userId, connector, name: `Renewed often ${index}` },
    });
    const sourceId = source?.id ?? '';
    const { authorization } = await rpc.startAuthorization({
      ...{ userId, use: { $case: 'sourceId', value: sourceId }, returnTo: '/my-sources' },
    });
    await authorize(authorization?.id ?? '', index);
    sourceIds.push(sourceId);
  }
  const running = starting.move();
  return {
    async renew(index) {
      const sourceId = sourceIds[index] ?? '';
      const { authorization } = await rpc.startRenewal({
        ...{ userId, entryPoint: { $case: 'mySources', value: { sourceId } } },
        ...{ returnTo: '/my-sources', switchIdentity: false },
      });
      await authorize(authorization?.id ?? '', index);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

const deadline = { deadlineMs: 30_000 };
const connector = {
  ...{ id: 'orchard-drive', name: 'Orchard Drive', providerName: 'Orchard' },
  kind: ConnectorKind.PERSONAL,
};

function catalogueEntry(origin: string): object {
  return {
    id: 'orchard',
    name: 'Orchard',
    issuer: origin,
    endpoints: {
      authorization: `${origin}/authorize`,
      token: `${origin}/token`,
      userinfo: `${origin}/userinfo`,
    },
    clients: { default: { id: codeClient.id, secretFile: 'secret' } },
    issuerParameter: true,
    accessToken: { lifetimeSeconds: 3_600 },
    refreshToken: { rotation: 'single_use', graceSeconds: 60 },
    identity: { kind: 'user', call: 'userinfo', key: '/sub', label: '/email' },
    verdicts: [{ error: 'invalid_grant', class: 'dead' }],
    allowPrivateHosts: [new URL(origin).host],
    connectors: {
      'orchard-drive': {
        ...{ name: 'Orchard Drive', kind: 'personal', scopes: ['openid', 'files.read'] },
      },
    },
  };
}
