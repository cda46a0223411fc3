import {
  createOutboxRelay,
  type EventLog,
  measureOutbox,
  type OutboxRelay,
  sqliteOutbox,
} from '@credential-renewal/events';
import { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { createRpcServer, serve } from '@credential-renewal/rpc';
import type { Clock, Logger, ReadinessCheck } from '@credential-renewal/runtime';
import { type SqliteDatabase, sqlitePath } from '@credential-renewal/storage';
import type { Registry } from 'prom-client';
import { createAbandonedUseSweep } from './abandoned-use-sweep.ts';
import type { SourceRegistryConfig } from './config.ts';
import { createCredentialStateConsumer } from './credential-state-consumer.ts';
import type { RegistryDeps } from './registry-deps.ts';
import { createRegistryHandlers } from './rpc/registry-handlers.ts';
import { createSqliteCredentialStateStore } from './store/sqlite-credential-state-store.ts';
import { openRegistryDatabase } from './store/sqlite-registry-database.ts';
import { createSqliteUseStore } from './store/sqlite-use-store.ts';
import { createSqliteUserStore } from './store/sqlite-user-store.ts';
import { createSqliteWorkspaceStore } from './store/sqlite-workspace-store.ts';
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
  const database = openRegistryDatabase(sqlitePath(config.storeUrl));
  const outbox = sqliteOutbox(database, clock);
  const relay = createOutboxRelay({ outbox, eventLog, logger, clock });
  // Each is undone in turn, the last one first: calls end before what they need does.
  const undo = [() => database.close(), () => relay.stop()];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const deps = createDeps(database, clock, relay);
    const consumer = await createCredentialStateConsumer(deps, { eventLog, logger });
    undo.push(() => consumer.stop());
    const sweep = createAbandonedUseSweep(deps, logger);
    undo.push(() => sweep.stop());
    const server = await createRpcServer({
      name: 'source-registry',
      address: config.listenAddress,
      logger,
      services: [serve(SourceRegistryServiceService, createRegistryHandlers(deps))],
    });
    undo.push(() => server.stop());
    measureOutbox('source_registry', outbox, metrics);
    return {
      address: server.address,
      readiness: {
        'source-registry outbox': () => relay.problem(),
        'source-registry event log': () => eventLog.problem(),
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function createDeps(database: SqliteDatabase, clock: Clock, relay: OutboxRelay): RegistryDeps {
  const uses = createSqliteUseStore(database);
  return {
    clock,
    uses,
    users: createSqliteUserStore(database),
    workspaces: createSqliteWorkspaceStore(database),
    credentialStates: createSqliteCredentialStateStore(database),
    changes: createUseChanges({ uses, clock, onAnnounced: () => relay.wake() }),
  };
}
