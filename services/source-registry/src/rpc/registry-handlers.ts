import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandlers } from '../registry-handler.ts';
import { applyCredentialState } from './apply-credential-state.ts';
import { attachCredential } from './attach-credential.ts';
import { authorizeFirstAuthorization } from './authorize-first-authorization.ts';
import { authorizeRenewal } from './authorize-renewal.ts';
import { completeDeletion } from './complete-deletion.ts';
import { createAuthorizedConnection } from './create-authorized-connection.ts';
import { createSource } from './create-source.ts';
import { createWorkspace } from './create-workspace.ts';
import { deleteAuthorizedConnection } from './delete-authorized-connection.ts';
import { deleteSource } from './delete-source.ts';
import { describeCredentialUses } from './describe-credential-uses.ts';
import { getAuthorizedConnection } from './get-authorized-connection.ts';
import { getSource } from './get-source.ts';
import { getUser } from './get-user.ts';
import { listAuditEntries } from './list-audit-entries.ts';
import { listAuthorizedConnections } from './list-authorized-connections.ts';
import { listDeletingUses } from './list-deleting-uses.ts';
import { listSources } from './list-sources.ts';
import { listUsers } from './list-users.ts';
import { listWorkspaces } from './list-workspaces.ts';
import { reportSourceSynced } from './report-source-synced.ts';
import { resolveCredential } from './resolve-credential.ts';
import { setUserLeft } from './set-user-left.ts';
import { setWorkspaceMember } from './set-workspace-member.ts';
import { shareAuthorizedConnection } from './share-authorized-connection.ts';
import { signInUser } from './sign-in-user.ts';
import { takeOverSource } from './take-over-source.ts';

/** Every RPC of the service, in the order of its proto. */
export function createRegistryHandlers(deps: RegistryDeps): RegistryHandlers {
  return {
    signInUser: signInUser(deps),
    getUser: getUser(deps),
    listUsers: listUsers(deps),
    setUserLeft: setUserLeft(deps),
    createWorkspace: createWorkspace(deps),
    listWorkspaces: listWorkspaces(deps),
    setWorkspaceMember: setWorkspaceMember(deps),
    createSource: createSource(deps),
    getSource: getSource(deps),
    listSources: listSources(deps),
    deleteSource: deleteSource(deps),
    takeOverSource: takeOverSource(deps),
    reportSourceSynced: reportSourceSynced(deps),
    createAuthorizedConnection: createAuthorizedConnection(deps),
    getAuthorizedConnection: getAuthorizedConnection(deps),
    listAuthorizedConnections: listAuthorizedConnections(deps),
    deleteAuthorizedConnection: deleteAuthorizedConnection(deps),
    shareAuthorizedConnection: shareAuthorizedConnection(deps),
    listAuditEntries: listAuditEntries(deps),
    authorizeFirstAuthorization: authorizeFirstAuthorization(deps),
    authorizeRenewal: authorizeRenewal(deps),
    resolveCredential: resolveCredential(deps),
    attachCredential: attachCredential(deps),
    applyCredentialState: applyCredentialState(deps),
    listDeletingUses: listDeletingUses(deps),
    completeDeletion: completeDeletion(deps),
    describeCredentialUses: describeCredentialUses(deps),
  };
}
