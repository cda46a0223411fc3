import { type Inbox, type Outbox, sqliteInbox, sqliteOutbox } from '@credential-renewal/events';
import {
  type Clock,
  degraded,
  type Logger,
  type ReadinessAnswer,
} from '@credential-renewal/runtime';
import type { StoreSettings } from '@credential-renewal/storage';
import { consumerGroup } from '../consumer-group.ts';
import type { CredentialStateStore } from './credential-state-store.ts';
import { createSqliteCredentialStateStore } from './sqlite-credential-state-store.ts';
import { openRegistryDatabase } from './sqlite-registry-database.ts';
import { createSqliteUseStore } from './sqlite-use-store.ts';
import { createSqliteUserStore } from './sqlite-user-store.ts';
import { createSqliteWorkspaceStore } from './sqlite-workspace-store.ts';
import type { UseStore } from './use-store.ts';
import type { UserStore } from './user-store.ts';
import type { WorkspaceStore } from './workspace-store.ts';

export type RegistryStores = {
  uses: UseStore;
  users: UserStore;
  workspaces: WorkspaceStore;
  credentialStates: CredentialStateStore;
  outbox: Outbox;
  inbox: Inbox;
  /** What is wrong with it. A file that cannot be written to is read on by the one process that has it, so it takes no calls away. */
  problem(): ReadinessAnswer;
  close(): Promise<void>;
};

/** The engine is chosen here. Throws the named errors of packages/storage where it cannot be used. */
export async function openRegistryStores(
  settings: StoreSettings,
  deps: { clock: Clock; logger: Logger },
): Promise<RegistryStores> {
  switch (settings.engine) {
    case 'sqlite': {
      const database = openRegistryDatabase(settings.path);
      return {
        uses: createSqliteUseStore(database),
        users: createSqliteUserStore(database),
        workspaces: createSqliteWorkspaceStore(database),
        credentialStates: createSqliteCredentialStateStore(database),
        outbox: sqliteOutbox(database, deps.clock),
        inbox: sqliteInbox(database, consumerGroup, deps.clock),
        problem: () => degraded(database.problem()),
        close: () => database.close(),
      };
    }
    case 'mongodb': {
      // Only when it is used: mongoose is heavy.
      const { openMongoRegistryStores } = await import('./open-mongo-registry-stores.ts');
      return openMongoRegistryStores(settings, deps);
    }
    default:
      return settings satisfies never;
  }
}
