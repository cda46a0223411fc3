import type { Clock } from '@credential-renewal/runtime';
import type { CredentialStateStore } from './store/credential-state-store.ts';
import type { UseStore } from './store/use-store.ts';
import type { UserStore } from './store/user-store.ts';
import type { WorkspaceStore } from './store/workspace-store.ts';
import type { UseChanges } from './use-changes.ts';

/** What the RPCs, the consumer and the sweep work with. */
export type RegistryDeps = {
  clock: Clock;
  users: UserStore;
  workspaces: WorkspaceStore;
  uses: UseStore;
  credentialStates: CredentialStateStore;
  changes: UseChanges;
};
