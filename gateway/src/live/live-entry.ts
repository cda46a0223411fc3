import { type CloudEvent, readEventData } from '@credential-renewal/events';
import { SourceCredentialState } from '@credential-renewal/proto/events/v1/source';
import { toStatus } from '../http/mapping/credential.ts';
import type { LiveEvent } from '../http/schemas/index.ts';

/** What a page is told, and who may be told. */
export type LiveEntry = {
  accountId: string;
  workspaceId: string | undefined;
  /** The creator of the source or owner of the connection, and those a connection is shared with. */
  userIds: readonly string[];
  event: LiveEvent;
};

/** Undefined: nothing to show (a tombstone, or a credential that is being disconnected). Throws EventUnreadableError. */
export function toLiveEntry(event: CloudEvent): LiveEntry | undefined {
  const state = readEventData(event, 'SourceCredentialState', SourceCredentialState.fromJSON);
  const status = state && toStatus(state.status);
  if (!state || status === undefined) return undefined;
  return {
    accountId: state.accountId,
    workspaceId: state.workspaceId,
    userIds: [state.creatorId, ...state.sharedWith],
    event: {
      sourceId: state.sourceId ?? null,
      authorizedConnectionId: state.authorizedConnectionId ?? null,
      workspaceId: state.workspaceId ?? null,
      status,
      version: Number(state.version),
    },
  };
}
