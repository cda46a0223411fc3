import type { DrillServiceService } from '@credential-renewal/proto/source_registry/v1/drills';
import type { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { CallersOf } from '@credential-renewal/rpc';

/** Who may call what. */
export const registryCallers: CallersOf<typeof SourceRegistryServiceService> = {
  signInUser: ['gateway'],
  getUser: ['gateway'],
  listUsers: ['gateway'],
  setUserLeft: ['gateway'],
  createWorkspace: ['gateway'],
  listWorkspaces: ['gateway'],
  setWorkspaceMember: ['gateway'],
  createSource: ['gateway'],
  getSource: ['gateway'],
  listSources: ['gateway'],
  deleteSource: ['gateway'],
  takeOverSource: ['gateway'],
  reportSourceSynced: ['worker'],
  createAuthorizedConnection: ['gateway'],
  getAuthorizedConnection: ['gateway'],
  listAuthorizedConnections: ['gateway'],
  deleteAuthorizedConnection: ['gateway'],
  shareAuthorizedConnection: ['gateway'],
  listAuditEntries: ['gateway'],
  authorizeFirstAuthorization: ['oauth-broker'],
  authorizeRenewal: ['oauth-broker'],
  resolveCredential: ['oauth-broker'],
  attachCredential: ['oauth-broker'],
  applyCredentialState: ['oauth-broker'],
  listDeletingUses: ['oauth-broker'],
  completeDeletion: ['oauth-broker'],
  describeCredentialUses: ['notification'],
};

export const drillCallers: CallersOf<typeof DrillServiceService> = {
  startDrill: ['gateway'],
  listDrills: ['gateway'],
  recordReaction: ['gateway'],
  endDrill: ['gateway'],
};
