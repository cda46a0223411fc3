import { testCredentialStateStore } from './credential-state-store.contract.ts';
import { testDrills } from './drills.contract.ts';
import type { RegistryStores } from './open-registry-stores.ts';
import { testUseHistory } from './use-history.contract.ts';
import { testUseLists } from './use-lists.contract.ts';
import { testUseStore } from './use-store.contract.ts';
import { testUserStore } from './user-store.contract.ts';
import { testWorkspaceStore } from './workspace-store.contract.ts';

/** One empty database, opened by any number of replicas; where an engine serves one process, that one is all of them. */
export type OpenedRegistry = { replica(index: number): RegistryStores; close(): Promise<void> };

/** What the registry's stores promise, for any engine; `open` gives an empty database. */
export function testRegistryStores(engine: string, open: () => Promise<OpenedRegistry>): void {
  testUseStore(engine, open);
  testUseHistory(engine, open);
  testUseLists(engine, open);
  testDrills(engine, open);
  testUserStore(engine, open);
  testWorkspaceStore(engine, open);
  testCredentialStateStore(engine, open);
}
