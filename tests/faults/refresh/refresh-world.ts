import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventLog, openEmbeddedEventLog } from '@credential-renewal/events';
import { startOauthBroker } from '@credential-renewal/oauth-broker';
import { CredentialVaultServiceService } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { createRpcClient, type RpcClient } from '@credential-renewal/rpc';
import {
  type Clock,
  createLogger,
  createShiftableClock,
  type Logger,
  type ShiftableClock,
} from '@credential-renewal/runtime';
import { startSourceRegistry } from '@credential-renewal/source-registry';
import { Registry } from 'prom-client';
import { authorize } from './first-authorization.ts';
import { writeCatalogue } from './rotating-catalogue.ts';
import { type RotatingProvider, startRotatingProvider } from './rotating-provider.ts';
import { startVaultBetween, type VaultBetween } from './vault-between.ts';
import { type StartVault, startVaultHere, startVaultInHand } from './vault-in-hand.ts';

export const leaseTtlMs = 25_000;
// Longer than a busy machine may take: a request that times out after the rotation is a lost answer of its own.
export const httpTimeoutMs = 10_000;
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
  logger: Logger;
  provider: RotatingProvider;
  vault: RpcClient<typeof CredentialVaultServiceService>;
  vaultAddress: string;
  stopVault(): Promise<void>;
  startVault(): Promise<void>;
  registryAddress: string;
  catalogueDirectory: string;
  directory: string;
  /** What a vault in this process publishes to. */
  eventLog: EventLog;
  /** Ids of credentials, in the order of their grants. */
  credentials: string[];
  /** `direct`: nothing stands between it and the vault, for what is about load. */
  startBroker(options?: { direct: boolean }): Promise<BrokerInHand>;
  /** Ends before everything that a broker needs. */
  endsFirst(end: () => Promise<unknown>): void;
} & AsyncDisposable;

type WorldOptions = {
  credentials: number;
  graceSeconds: number;
  /** Life of access tokens, of each credential's first one too unless `firstLifeSeconds` says otherwise. */
  expiresInSeconds?: number;
  firstLifeSeconds?: (index: number) => number;
  /** What a spent token does outside the grace; without a word, it kills its grant. */
  spentTokens?: 'kill' | 'are_refused';
  providerConcurrency?: number;
  sweepIntervalMs?: number;
  /** A clock that stands still between shifts, for what must be exact. */
  baseClock?: Clock;
  startVault?: StartVault;
};

/** The real vault and brokers in this process, over real gRPC, with a provider that kills a grant whose spent token comes again. */
export async function startRefreshWorld(options: WorldOptions): Promise<RefreshWorld> {
  const { graceSeconds, expiresInSeconds = 3_600, providerConcurrency = 200 } = options;
  const { sweepIntervalMs = 100 } = options;
  const { firstLifeSeconds = () => expiresInSeconds, startVault = startVaultHere } = options;
  const directory = mkdtempSync(join(tmpdir(), 'refresh-'));
  const clock = createShiftableClock(options.baseClock);
  const logger = createLogger({ service: 'test', level: 'silent' });
  const deps = { clock, logger };
  const ends: (() => Promise<unknown>)[] = [
    async () => rmSync(directory, { recursive: true, force: true }),
  ];
  const firstEnds: (() => Promise<unknown>)[] = [];
  const store = (name: string) => ({ engine: 'sqlite' as const, path: join(directory, name) });
  const socket = (name: string) => `unix:${join(directory, name)}`;

  const eventLog = await openEmbeddedEventLog({ directory: join(directory, 'events'), ...deps });
  ends.push(() => eventLog.close());
  const vaultService = await startVaultInHand(startVault, {
    ...{ directory, listenAddress: socket('v'), eventLog, ...deps },
  });
  ends.push(() => vaultService.stop());
  const registry = await startSourceRegistry(
    { listenAddress: socket('r'), store: store('registry.db') },
    { ...deps, eventLog, metrics: new Registry() },
  );
  ends.push(() => registry.stop());
  const provider = await startRotatingProvider({
    ...{ nowMs: clock.nowMs, graceMs: graceSeconds * 1_000, expiresInSeconds },
    spentTokens: options.spentTokens ?? 'kill',
  });
  ends.push(() => provider.stop());
  const vault = createRpcClient(CredentialVaultServiceService, socket('v'), {
    deadlineMs: rpcDeadlineMs,
  });
  ends.push(async () => vault.close());
  const catalogueDirectory = join(directory, 'catalogue');
  writeCatalogue(catalogueDirectory, provider.origin, graceSeconds);

  let brokers = 0;
  async function startBroker({ direct } = { direct: false }): Promise<BrokerInHand> {
    const name = `b${++brokers}`;
    const between = await startVaultBetween({
      vaultAddress: socket('v'),
      listenAddress: socket(`${name}v`),
      logger,
    });
    const broker = await startOauthBroker(
      {
        listenAddress: socket(name),
        store: store(`${name}.db`),
        vaultAddress: direct ? socket('v') : between.address,
        registryAddress: registry.address,
        publicUrl: new URL('http://localhost:3000'),
        catalogueDirectories: [catalogueDirectory],
        refreshHttpTimeoutMs: httpTimeoutMs,
        refreshLeaseMs: leaseTtlMs,
        ...{ sweepIntervalMs, providerConcurrency },
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
    firstEnds.push(stop);
    return { between, rpc, address: broker.address, crash: between.cut, stop };
  }

  const world: RefreshWorld = {
    ...{ clock, logger, provider, vault, catalogueDirectory, directory, eventLog },
    vaultAddress: socket('v'),
    stopVault: vaultService.stop,
    startVault: vaultService.start,
    registryAddress: registry.address,
    credentials: [],
    startBroker,
    endsFirst: (end) => void firstEnds.push(end),
    async [Symbol.asyncDispose]() {
      // Brokers drain side by side; what they need ends after them.
      await Promise.all(firstEnds.map((end) => end()));
      for (const end of ends.reverse()) await end();
    },
  };
  const indexes = Array.from({ length: options.credentials }, (_, index) => index);
  // Many at a time share a commit of the vault's store.
  while (indexes.length > 0) {
    const made = indexes
      .splice(0, 50)
      .map((index) =>
        authorize({ vault, provider, graceSeconds, lifeSeconds: firstLifeSeconds(index) }),
      );
    world.credentials.push(...(await Promise.all(made)));
  }
  return world;
}
