import type { PageRequest } from '../page.ts';
import type { Workspace } from '../workspace.ts';

/**
 * Workspaces with their members. The law for every engine (`workspace-store.contract.ts` checks it): a workspace is written only where the
 * stored revision is one less than the written one (0: not there yet), its members with it.
 */
export type WorkspaceStore = {
  /** False: another writer was first. */
  put(workspace: Workspace): Promise<boolean>;
  find(id: string): Promise<Workspace | undefined>;
  findMany(ids: readonly string[]): Promise<Workspace[]>;
  /** All of the account, or those that `memberId` belongs to; newest first. */
  list(
    options: PageRequest & { accountId: string; memberId: string | undefined },
  ): Promise<Workspace[]>;
};
