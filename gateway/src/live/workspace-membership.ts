import type { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { RpcClient } from '@credential-renewal/rpc';
import type { Clock } from '@credential-renewal/runtime';
import { listAllWorkspaces } from '../http/all-workspaces.ts';

const cacheMs = 10_000;

export type WorkspaceMembership = {
  /** Whether the user sees this workspace, as of at most 10 seconds ago. */
  includes(workspaceId: string): Promise<boolean>;
};

/** The workspaces of one user, as one open page needs them: asked only when an event might be for them. */
export function createWorkspaceMembership(options: {
  registry: Pick<RpcClient<typeof SourceRegistryServiceService>, 'listWorkspaces'>;
  clock: Clock;
  userId: string;
}): WorkspaceMembership {
  let known = new Set<string>();
  let untilMs = Number.NEGATIVE_INFINITY;

  return {
    async includes(workspaceId) {
      const nowMs = options.clock.nowMs();
      if (nowMs >= untilMs) {
        const workspaces = await listAllWorkspaces(options.registry, options.userId);
        known = new Set(workspaces.map(({ id }) => id));
        untilMs = nowMs + cacheMs;
      }
      return known.has(workspaceId);
    },
  };
}
