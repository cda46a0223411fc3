import type {
  SourceRegistryServiceService,
  Workspace,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { RpcClient } from '@credential-renewal/rpc';

/** Every workspace a user sees; the registry has no call for a single one. */
export async function listAllWorkspaces(
  registry: Pick<RpcClient<typeof SourceRegistryServiceService>, 'listWorkspaces'>,
  userId: string,
): Promise<Workspace[]> {
  const workspaces: Workspace[] = [];
  let pageToken = '';
  do {
    const page = await registry.listWorkspaces({ callerUserId: userId, pageSize: 200, pageToken });
    workspaces.push(...page.workspaces);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return workspaces;
}
