import type { AuthorizedConnection as RegistryConnection } from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { AuthorizedConnection } from '../schemas/index.ts';
import { toConnectorSummary } from './connector.ts';
import { toCredential } from './credential.ts';
import { toWaitingDrill } from './drill.ts';
import { required, requiredTime } from './time.ts';

export function toAuthorizedConnection(
  connection: RegistryConnection,
  viewer: { showEvidence: boolean },
  upgradeScopes?: string[],
): AuthorizedConnection {
  return {
    id: connection.id,
    name: connection.name,
    connector: toConnectorSummary(connection.connector),
    owner: required(connection.owner, 'owner'),
    sharedWith: connection.sharedWith,
    sourceCount: connection.sourceCount,
    createdAt: requiredTime(connection.createdAt, 'created_at'),
    credential: toCredential(connection.credential, connection.createdAt, viewer, upgradeScopes),
    canRenew: connection.canRenew,
    canDelete: connection.canDelete,
    canShare: connection.canShare,
    drill: toWaitingDrill(connection.drill),
  };
}
