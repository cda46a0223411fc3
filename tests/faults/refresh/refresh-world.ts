import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCredentialVault } from '@credential-renewal/credential-vault';
import { openEmbeddedEventLog } from '@credential-renewal/events';
import { startOauthBroker } from '@credential-renewal/oauth-broker';
import { CredentialVaultServiceService } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { createRpcClient, durationFromMs, type RpcClient } from '@credential-renewal/rpc';
import {
  createLogger,
  createShiftableClock,
  type ShiftableClock,
} from '@credential-renewal/runtime';
import { startSourceRegistry } from '@credential-renewal/source-registry';
import { Registry } from 'prom-client';
import { type RotatingProvider, startRotatingProvider } from './rotating-provider.ts';
import { startVaultBetween, type VaultBetween } from './vault-between.ts';

export const accountId = 'acme';
export const leaseTtlMs = 25_000;
// Longer than a busy machine may take: a request that times out after the rotation is a lost answer of its own.
const httpTimeoutMs = 10_000;
const rpcDeadlineMs = 30_000;

export type BrokerInHand = {
  between: VaultBetween;
  rpc: RpcClient<typeof OauthBrokerServiceService>;
  address: string;
  /** From now on nothing of it gets through, as after a kill -9. */
  crash(): void;
  stop(): Promise<void>;
};

export type RefreshWorld = {
  clock: ShiftableClock;
  provider: RotatingProvider;
  vault: RpcClient<typeof CredentialVaultServiceService>;
  vaultAddress: string;
  registryAddress: string;
  catalogueDirectory: string;
  directory: string;
  /** Ids of credentials, in the order of their grants. */
  credentials: string[];
  startBroker(): Promise<BrokerInHand>;
} & AsyncDisposable;

/** The real vault and brokers in this process, over real gRPC, with a provider that kills a grant whose spent token comes again. */
export async function startRefreshWorld(options: {
  credentials: number;
  graceSeconds: number;
  /** Life of access tokens. */
  expiresInSeconds?: number;
}): Promise<RefreshWorld> {
  const { graceSeconds, expiresInSeconds = 3_600 } = options;
  const directory = mkdtempSync(join(tmpdir(), 'refresh-'));
  const clock = createShiftableClock();
  const logger = createLogger({ service: 'test', level: 'silent' });
  const deps = { clock, logger };
  const ends: (() => Promise<unknown>)[] = [
    async () => rmSync(directory, { recursive: true, force: true }),
  ];
  const store = (name: string) => ({ engine: 'sqlite' as const, path: join(directory, name) });
  const socket = (name: string) => `unix:${join(directory, name)}`;

  const eventLog = await openEmbeddedEventLog({ directory: join(directory, 'events'), ...deps });
  ends.push(() => eventLog.close());
  const vaultService = await startCredentialVault(
    {
      listenAddress: socket('v'),
      store: store('vault.db'),
      keys: {
        keyEncryptionKey: { kind: 'file', path: join(directory, 'vault.key') },
        previousKeyEncryptionKey: undefined,
      },
      confirmRefusalAfterMs: 1_000,
      maxRetryDelayMs: 1_000,
      verdicts: 'on',
      outage: { minAccounts: 3, ratio: 0.5, windowMs: 600_000, holdMs: 3_600_000 },
    },
    { ...deps, eventLog, metrics: new Registry() },
  );
  ends.push(() => vaultService.stop());
  const registry = await startSourceRegistry(
    { listenAddress: socket('r'), store: store('registry.db') },
    { ...deps, eventLog, metrics: new Registry() },
  );
  ends.push(() => registry.stop());
  const provider = await startRotatingProvider({
    ...{ nowMs: clock.nowMs, graceMs: graceSeconds * 1_000, expiresInSeconds },
  });
  ends.push(() => provider.stop());
  const vault = createRpcClient(CredentialVaultServiceService, vaultService.address, {
    deadlineMs: rpcDeadlineMs,
  });
  ends.push(async () => vault.close());
  const catalogueDirectory = join(directory, 'catalogue');
  writeCatalogue(catalogueDirectory, provider.origin, graceSeconds);

  let brokers = 0;
  async function startBroker(): Promise<BrokerInHand> {
    const name = `b${++brokers}`;
    const between = await startVaultBetween({
      vaultAddress: vaultService.address,
      listenAddress: socket(`${name}v`),
      logger,
    });
    const broker = await startOauthBroker(
      {
        listenAddress: socket(name),
        store: store(`${name}.db`),
        vaultAddress: between.address,
        registryAddress: registry.address,
        publicUrl: new URL('http://localhost:3000'),
        catalogueDirectories: [catalogueDirectory],
        refreshHttpTimeoutMs: httpTimeoutMs,
        refreshLeaseMs: leaseTtlMs,
        sweepIntervalMs: 20,
        providerConcurrency: 200,
        identityCheckIntervalMs: 900_000,
      },
      { ...deps, eventLog, metrics: new Registry() },
    );
    const rpc = createRpcClient(OauthBrokerServiceService, broker.address, {
      deadlineMs: rpcDeadlineMs,
    });
    const stop = async () => {
      rpc.close();
      between.bury();
      await broker.stop();
      await between.stop();
    };
    ends.push(stop);
    return { between, rpc, address: broker.address, crash: between.cut, stop };
  }

  const world: RefreshWorld = {
    ...{ clock, provider, vault, catalogueDirectory, directory },
    vaultAddress: vaultService.address,
    registryAddress: registry.address,
    credentials: [],
    startBroker,
    async [Symbol.asyncDispose]() {
      // Brokers drain side by side; what they need ends after them.
      const own = ends.splice(6);
      await Promise.all(own.map((end) => end()));
      for (const end of ends.reverse()) await end();
    },
  };
  for (let index = 0; index < options.credentials; index++) {
    world.credentials.push(await authorize(world, graceSeconds, expiresInSeconds));
  }
  return world;
}

/** A credential as a finished first authorization leaves it. */
async function authorize(
  { vault, provider }: RefreshWorld,
  graceSeconds: number,
  expiresInSeconds: number,
): Promise<string> {
  const { id, refreshToken } = provider.newGrant();
  await vault.storeCandidate({
    transactionId: `transaction-${id}`,
    accountId,
    credentialId: undefined,
    tokens: {
      accessToken: `first-${id}`,
      refreshToken,
      expiresIn: durationFromMs(expiresInSeconds * 1_000),
      refreshExpiresIn: undefined,
      refreshLifeAbsolute: false,
      scopes: ['files.read'],
    },
  });
  const { outcome } = await vault.commitCandidate({
    transactionId: `transaction-${id}`,
    identity: { kind: 'user', key: id, maskedLabel: id },
    requiredScopes: ['files.read'],
    grantedScopes: ['files.read'],
    missingScopes: [],
    switchIdentity: false,
    actor: undefined,
    policy: {
      providerId: 'rotating',
      providerName: 'Rotating',
      clientId: 'our-client',
      rotates: true,
      rotationGrace: durationFromMs(graceSeconds * 1_000),
      identityCheckInterval: durationFromMs(900_000),
    },
  });
  if (outcome?.$case !== 'installed') throw new Error(`not installed: ${outcome?.$case}`);
  return outcome.value.state?.credentialId ?? '';
}

function writeCatalogue(directory: string, origin: string, graceSeconds: number): void {
  mkdirSync(directory);
  writeFileSync(join(directory, 'secret'), 'of-nobody\n', { mode: 0o600 });
  const entry = {
    id: 'rotating',
    name: 'Rotating',
    issuer: origin,
    endpoints: { authorization: `${origin}/authorize`, token: `${origin}/token` },
    clients: {
      default: { id: 'our-client', secretFile: join(directory, 'secret') },
    },
    accessToken: { lifetimeSeconds: 3_600 },
    refreshToken: { rotation: 'single_use', graceSeconds },
    identity: { kind: 'user', call: `${origin}/me`, key: '/id', label: '/email' },
    verdicts: [{ error: 'invalid_grant', class: 'dead' }],
    allowPrivateHosts: [new URL(origin).host],
    connectors: { files: { name: 'Files', kind: 'personal', scopes: ['files.read'] } },
  };
  writeFileSync(join(directory, 'rotating.yaml'), JSON.stringify(entry));
}
