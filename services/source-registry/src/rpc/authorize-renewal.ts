import type { AuthorizeRenewalRequest } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { checkInput } from '@credential-renewal/rpc';
import { requireCaller, requireConnection, requireSource, requireWorkspace } from '../caller.ts';
import { keepPending } from '../deletion.ts';
import { SourceNotFoundError } from '../errors.ts';
import { named } from '../messages.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import { requireRenewer } from '../renewer.ts';
import type { Use } from '../use.ts';
import type { User } from '../user.ts';

type EntryPoint = NonNullable<AuthorizeRenewalRequest['entryPoint']>;

/** So many uses are named in an answer; it has to stay below the size limit of a message. */
const maxUses = 2_000;

/** Whatever the status is: renewing early does no harm. */
export function authorizeRenewal(deps: RegistryDeps): RegistryHandler<'authorizeRenewal'> {
  return async (request) => {
    const entryPoint = checkRequest(request);
    const caller = await requireCaller(deps, request.callerUserId);
    const use = await findUse(deps, caller, entryPoint);
    await requireRenewer(deps, caller, use);
    if (!use.credential) {
      await deps.changes.change(use.id, (current) => keepPending(current, deps.clock.nowMs()));
    }
    const healed = await usesHealedWith(deps, use);
    return {
      accountId: use.accountId,
      connectorId: use.connector.id,
      credentialId: use.credential?.credentialId,
      use: named(use),
      heals: healed.map(named),
      connectorIds: [...new Set(healed.map((other) => other.connector.id))],
    };
  };
}

function checkRequest({ callerUserId, entryPoint }: AuthorizeRenewalRequest): EntryPoint {
  checkInput((check) => {
    check.id('caller_user_id', callerUserId);
    switch (entryPoint?.$case) {
      case undefined:
        return check.oneof('entry_point', entryPoint);
      case 'mySources':
        return check.id('my_sources.source_id', entryPoint.value.sourceId);
      case 'workspace':
        check.id('workspace.workspace_id', entryPoint.value.workspaceId);
        return check.id('workspace.source_id', entryPoint.value.sourceId);
      case 'authorizedConnections':
        return check.id(
          'authorized_connections.authorized_connection_id',
          entryPoint.value.authorizedConnectionId,
        );
      default:
        return entryPoint satisfies never;
    }
  });
  if (!entryPoint) throw new TypeError('unreachable: the check wants an entry point');
  return entryPoint;
}

/** What the entry point leads to, if the caller sees it from there. */
async function findUse(deps: RegistryDeps, caller: User, entryPoint: EntryPoint): Promise<Use> {
  switch (entryPoint.$case) {
    case 'mySources':
      return (await requireSource(deps, caller, entryPoint.value.sourceId)).source;
    case 'workspace': {
      const { workspaceId, sourceId } = entryPoint.value;
      const workspace = await requireWorkspace(deps, caller, workspaceId);
      const { source } = await requireSource(deps, caller, sourceId);
      if (source.workspaceId !== workspace.id) throw new SourceNotFoundError(sourceId);
      return source;
    }
    case 'authorizedConnections':
      return requireConnection(deps, caller, entryPoint.value.authorizedConnectionId);
    default:
      return entryPoint satisfies never;
  }
}

/** Everything that works again when the credential does: one renewal heals all (semantics 20). */
async function usesHealedWith({ uses }: RegistryDeps, use: Use): Promise<Use[]> {
  if (use.credential) {
    const { accountId, credentialId } = use.credential;
    return uses.listUsesOfCredential({ accountId, credentialId, limit: maxUses });
  }
  if (use.kind === 'source') return [use];
  return [use, ...(await uses.listBackedSources({ connectionId: use.id, limit: maxUses }))];
}
