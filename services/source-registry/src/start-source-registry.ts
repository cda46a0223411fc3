import {
  createOutboxRelay,
  type EventLog,
  measureOutbox,
  type OutboxRelay,
} from '@credential-renewal/events';
import { DrillServiceService } from '@credential-renewal/proto/source_registry/v1/drills';
import { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { openRpcEndpoint, serve } from '@credential-renewal/rpc';
import {
  type Clock,
  degraded,
  type Logger,
  type ReadinessCheck,
} from '@credential-renewal/runtime';
import type { Registry } from 'prom-client';
import { createAbandonedUseSweep } from './abandoned-use-sweep.ts';
import { drillCallers, registryCallers } from './callers.ts';
import { type SourceRegistryConfig, weekMs } from './config.ts';
import { createCredentialStateConsumer } from './credential-state-consumer.ts';
import { createDrillSweep } from './drill-sweep.ts';
import type { RegistryDeps } from './registry-deps.ts';
import { createDrillHandlers } from './rpc/drill-handlers.ts';
import { createRegistryHandlers } from './rpc/registry-handlers.ts';
import { openRegistryStores, type RegistryStores } from './store/open-registry-stores.ts';
import { createUseChanges } from './use-changes.ts';

export type SourceRegistryDeps = {
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  eventLog: EventLog;
};

export type RunningSourceRegistry = {
  address: string;
  readiness: Record<string, ReadinessCheck>;
  stop(): Promise<void>;
};

/** Opens the store, serves the RPCs, follows `credential.state` and publishes `source.credential-state`. */
export async function startSourceRegistry(
  config: SourceRegistryConfig,
  { clock, logger, metrics, eventLog }: SourceRegistryDeps,
): Promise<RunningSourceRegistry> {
  const rpc = openRpcEndpoint('source-registry', config.rpc, { logger, metrics });
  const { outbox, inbox, ...stores } = await openRegistryStores(config.store, { clock, logger });
  const relay = createOutboxRelay({ outbox, eventLog, logger, clock });
  // Each is undone in turn, the last one first: calls end before what they need does.
  const undo: (() => unknown)[] = [() => stores.close(), () => relay.stop(), rpc.close];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const deps = createDeps(stores, clock, relay);
    const consumption = { eventLog, inbox, logger, metrics, clock };
    const consumer = await createCredentialStateConsumer(deps, consumption);
    undo.push(() => consumer.stop());
    const sweep = createAbandonedUseSweep(deps, logger);
    undo.push(() => sweep.stop());
    const drills = createDrillSweep(deps, logger);
    undo.push(() => drills.stop());
    const drillLifetimeMs = config.drillLifetimeMs ?? weekMs;
    const server = await rpc.serve(config.listenAddress, [
      serve(SourceRegistryServiceService, createRegistryHandlers(deps), registryCallers),
      serve(DrillServiceService, createDrillHandlers({ ...deps, drillLifetimeMs }), drillCallers),
    ]);
    undo.push(() => server.stop());
    measureOutbox('source_registry', outbox, metrics);
    return {
      address: server.address,
      readiness: {
        store: stores.problem,
        outbox: () => degraded(relay.problem()),
        ...rpc.readiness,
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function createDeps(
  { uses, users, workspaces, credentialStates }: Omit<RegistryStores, 'outbox' | 'inbox'>,
  clock: Clock,
  relay: OutboxRelay,
): RegistryDeps {
  return {
    clock,
    ...{ uses, users, workspaces, credentialStates },
    changes: createUseChanges({ uses, clock, onAnnounced: () => relay.wake() }),
  };
}
