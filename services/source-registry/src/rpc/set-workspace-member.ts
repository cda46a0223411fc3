import { SetWorkspaceMemberRequest_Membership as Choice } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { checkInput } from '@credential-renewal/rpc';
import { InputInvalidError } from '@credential-renewal/runtime';
import { mayAdministerWorkspace } from '../access/workspace-access.ts';
import { requireCaller, requireColleague, requireWorkspace } from '../caller.ts';
import { AdministratorRequiredError, ChangeContendedError } from '../errors.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import { type Membership, withMembership } from '../workspace.ts';

const maxAttempts = 100;

export function setWorkspaceMember(deps: RegistryDeps): RegistryHandler<'setWorkspaceMember'> {
  return async (request) => {
    const { callerUserId, workspaceId, userId } = request;
    checkInput((check) => {
      check.id('caller_user_id', callerUserId);
      check.id('workspace_id', workspaceId);
      check.id('user_id', userId);
      check.enumValue('membership', request.membership, Choice);
    });
    const membership = readMembership(request.membership);
    const caller = await requireCaller(deps, callerUserId);
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const workspace = await requireWorkspace(deps, caller, workspaceId);
      if (!mayAdministerWorkspace(caller, workspace)) {
        throw new AdministratorRequiredError('change the members of a workspace');
      }
      const user = await requireColleague(deps, caller, userId);
      if (user.left && membership !== undefined) {
        throw new InputInvalidError([{ field: 'user_id', description: 'has left the account' }]);
      }
      const changed = withMembership(workspace, userId, membership);
      if (!changed) return {};
      if (await deps.workspaces.put({ ...changed, revision: workspace.revision + 1 })) return {};
    }
    throw new ChangeContendedError(workspaceId);
  };
}

function readMembership(choice: Choice): Membership | undefined {
  switch (choice) {
    case Choice.MEMBER:
      return 'member';
    case Choice.ADMIN:
      return 'admin';
    case Choice.NONE:
    case Choice.UNSPECIFIED:
      return undefined;
    default:
      return choice satisfies never;
  }
}
