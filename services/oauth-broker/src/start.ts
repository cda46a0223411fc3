import type { EventLog } from '@credential-renewal/events';
import { CredentialVaultServiceService } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import {
  openRpcEndpoint,
  type RpcClient,
  type RpcDefinition,
  serve,
} from '@credential-renewal/rpc';
import {
  type Clock,
  degraded,
  type Logger,
  type ReadinessCheck,
  uuidv7,
} from '@credential-renewal/runtime';
import type { Registry } from 'prom-client';
import { createAccessTokenCache } from './access-token/access-token-cache.ts';
import { createCredentialTargets } from './access-token/credential-targets.ts';
import { tailCredentialStates } from './access-token/state-tail.ts';
import { createTokenReadCounter } from './access-token/token-read-counter.ts';
import { createAuthorizationSweep } from './authorization/authorization-sweep.ts';
import type { BrokerContext } from './broker-context.ts';
import { brokerCallers } from './callers.ts';
import { tellUnconfigured } from './catalogue/catalogue.ts';
import { loadCatalogue } from './catalogue/load-catalogue.ts';
import type { OauthBrokerConfig } from './config.ts';
import { createDisconnectSweep } from './disconnect/disconnect-sweep.ts';
import { createRevocationSweep } from './disconnect/revocation-sweep.ts';
import { createBrokerMetrics } from './metrics.ts';
import { createProviderClients } from './provider/provider-clients.ts';
import { createProviderConcurrency } from './provider/provider-concurrency.ts';
import { createRefreshSweep } from './refresh/refresh-sweep.ts';
import { createRefresher } from './refresh/refresher.ts';
import { createHandlers } from './rpc/handlers.ts';
import { openAuthorizationStore } from './store/open-authorization-store.ts';

export type OauthBrokerDeps = {
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  eventLog: EventLog;
  random?: () => number;
};

export type RunningOauthBroker = {
  address: string;
  readiness: Record<string, ReadinessCheck>;
  /** Finishes running calls and stores what running token requests bring. */
  stop(): Promise<void>;
};

const rpcDeadlineMs = 5_000;

/** The broker's composition root. */
export async function startOauthBroker(
  config: OauthBrokerConfig,
  { clock, logger, metrics: registry, eventLog, random = Math.random }: OauthBrokerDeps,
): Promise<RunningOauthBroker> {
  const catalogue = await loadCatalogue(config.catalogueDirectories);
  tellUnconfigured(catalogue, logger);
  // Ends in the reverse order of this: calls first, then the workers, and what they use last.
  await using starting = new AsyncDisposableStack();
  const store = await openAuthorizationStore(config.store, { clock, logger });
  starting.defer(() => store.close());
  const rpc = openRpcEndpoint('oauth-broker', config.rpc, { logger, metrics: registry });
  starting.defer(rpc.close);
  const connect = <D extends RpcDefinition>(definition: D, address: string): RpcClient<D> => {
    const client = rpc.connect(definition, address, { deadlineMs: rpcDeadlineMs });
    starting.defer(() => client.close());
    return client;
  };
  const vault = connect(CredentialVaultServiceService, config.vaultAddress);
  const sourceRegistry = connect(SourceRegistryServiceService, config.registryAddress);
  const clients = createProviderClients(catalogue, {
    httpTimeoutMs: config.refreshHttpTimeoutMs,
    egress: config.egress,
  });
  const concurrency = createProviderConcurrency({ maximum: config.providerConcurrency });
  const metrics = createBrokerMetrics(registry, {
    attemptsWaiting: concurrency.waiting,
    tokenReadsWaiting: () => tokenReads.waiting(),
  });
  const tokenReads = createTokenReadCounter({
    ...{ store: store.tokenReads, clock, logger },
    onUncounted: metrics.tokenReadUncounted,
  });
  starting.defer(() => tokenReads.stop());
  const tokens = createAccessTokenCache(clock);
  const targets = createCredentialTargets({ registry: sourceRegistry, clock });
  const tail = await tailCredentialStates({ eventLog, tokens, targets, logger });
  starting.defer(() => tail.stop());
  const owner = uuidv7(clock.nowMs());
  const refresher = createRefresher({
    ...{ vault, clients, concurrency, tokens, metrics, clock, logger, random, owner },
    leaseTtlMs: config.refreshLeaseMs,
    httpTimeoutMs: config.refreshHttpTimeoutMs,
    identityCheckIntervalMs: config.identityCheckIntervalMs,
  });
  const broker: BrokerContext = {
    ...{ config, catalogue, clients, store, vault, tokens, targets, tokenReads, refresher },
    ...{ metrics, clock, logger, random, owner },
    registry: sourceRegistry,
    revocationDue: () => revocations.wake(),
  };
  const revocations = createRevocationSweep(broker);
  const sweeps = [
    createRefreshSweep({
      ...{ vault, refresher, concurrency, logger },
      intervalMs: config.sweepIntervalMs,
    }),
    createAuthorizationSweep(broker),
    createDisconnectSweep(broker),
    revocations,
  ];
  starting.defer(async () => {
    await Promise.all([refresher.stop(), ...sweeps.map((sweep) => sweep.stop())]);
  });
  const server = await rpc.serve(config.listenAddress, [
    serve(OauthBrokerServiceService, createHandlers(broker), brokerCallers),
  ]);
  starting.defer(() => server.stop());
  const running = starting.move();
  return {
    address: server.address,
    // Tokens are handed out and refreshed without it; only authorizations need it.
    readiness: { store: () => degraded(store.problem()), ...rpc.readiness },
    stop: () => running.disposeAsync(),
  };
}
