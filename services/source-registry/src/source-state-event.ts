import { buildEvent, type CloudEvent } from '@credential-renewal/events';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { SourceCredentialState } from '@credential-renewal/proto/events/v1/source';
import { responsibleOf, type Use } from './use.ts';

/** The event that tells how a use stands now; its version is the event's sequence. A use that is going gets its tombstone. */
export function sourceStateEvent(use: Use, gone: boolean, nowMs: number): CloudEvent {
  return buildEvent({
    source: '/source-registry',
    topic: 'source.credential-state',
    subject: use.id,
    key: use.id,
    sequence: use.version,
    schema: 'SourceCredentialState',
    data: gone ? null : SourceCredentialState.toJSON(snapshotOf(use)),
    nowMs,
  });
}

function snapshotOf(use: Use): SourceCredentialState {
  const { credential } = use;
  return {
    sourceId: use.kind === 'source' ? use.id : undefined,
    authorizedConnectionId: use.kind === 'source' ? use.authorizedConnectionId : use.id,
    accountId: use.accountId,
    name: use.name,
    connectorId: use.connector.id,
    workspaceId: use.kind === 'source' ? use.workspaceId : undefined,
    creatorId: responsibleOf(use),
    version: BigInt(use.version),
    credentialId: credential?.credentialId,
    status: credential?.status ?? CredentialStatus.UNSPECIFIED,
    since: credential?.since ?? new Date(use.createdAtMs),
    episodeId: credential?.episodeId,
    reason: credential?.reason,
    sharedWith: use.kind === 'connection' ? use.sharedWith : [],
  };
}
