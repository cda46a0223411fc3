import {
  type Clock,
  degraded,
  type Logger,
  type ReadinessAnswer,
} from '@credential-renewal/runtime';
import type { StoreSettings } from '@credential-renewal/storage';
import type { CandidateStore } from './candidate-store.ts';
import type { CredentialStore } from './credential-store.ts';
import type { DataKeyStore } from './data-key-store.ts';
import type { OutageStore } from './outage-store.ts';
import { createSqliteCandidateStore } from './sqlite-candidate-store.ts';
import { createSqliteCredentialStore } from './sqlite-credential-store.ts';
import { createSqliteDataKeyStore } from './sqlite-data-key-store.ts';
import { createSqliteOutageStore } from './sqlite-outage-store.ts';
import { openVaultDatabase } from './sqlite-vault-database.ts';

export type VaultStores = {
  credentials: CredentialStore;
  candidates: CandidateStore;
  dataKeys: DataKeyStore;
  outages: OutageStore;
  /** What is wrong with it. A file that cannot be written to is read on by the one process that has it, so it takes no calls away. */
  problem(): ReadinessAnswer;
  close(): Promise<void>;
};

/** The engine is chosen here. Throws the named errors of packages/storage where it cannot be used. */
export async function openVaultStores(
  settings: StoreSettings,
  deps: { clock: Clock; logger: Logger },
): Promise<VaultStores> {
  switch (settings.engine) {
    case 'sqlite': {
      const database = openVaultDatabase(settings.path);
      return {
        credentials: createSqliteCredentialStore(database, deps.clock),
        candidates: createSqliteCandidateStore(database),
        dataKeys: createSqliteDataKeyStore(database),
        outages: createSqliteOutageStore(database),
        problem: () => degraded(database.problem()),
        close: () => database.close(),
      };
    }
    case 'mongodb': {
      // Only when it is used: mongoose is heavy.
      const { openMongoVaultStores } = await import('./open-mongo-vault-stores.ts');
      return openMongoVaultStores(settings, deps);
    }
    default:
      return settings satisfies never;
  }
}
