import { checkInput } from '@credential-renewal/rpc';
import { uuidv7 } from '@credential-renewal/runtime';
import { requireCaller } from '../caller.ts';
import { workspaceMessage } from '../messages.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import type { Workspace } from '../workspace.ts';

/** Anybody may make one, and administers it. */
export function createWorkspace(deps: RegistryDeps): RegistryHandler<'createWorkspace'> {
  return async ({ callerUserId, name }) => {
    checkInput((check) => {
      check.id('caller_user_id', callerUserId);
      check.text('name', name, { maxLength: 100 });
    });
    const caller = await requireCaller(deps, callerUserId);
    const nowMs = deps.clock.nowMs();
    const workspace: Workspace = {
      id: uuidv7(nowMs),
      accountId: caller.accountId,
      name,
      members: [{ userId: caller.id, membership: 'admin' }],
      createdAtMs: nowMs,
      revision: 1,
    };
    await deps.workspaces.put(workspace);
    return { workspace: workspaceMessage(workspace, caller, undefined) };
  };
}
