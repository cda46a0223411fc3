import { type CloudEvent, readEventData } from '@credential-renewal/events';
import { SourceDrill } from '@credential-renewal/proto/events/v1/drill';
import { SourceCredentialState } from '@credential-renewal/proto/events/v1/source';
import { toStatus } from '../http/mapping/credential.ts';
import type { LiveDrill, LiveEvent } from '../http/schemas/index.ts';

/** What a page is told, and who may be told. */
export type LiveEntry = {
  accountId: string;
  workspaceId: string | undefined;
  /** Those whom it concerns, beside members of the workspace and administrators. */
  userIds: readonly string[];
} & (
  | { type: 'source.credential-state'; event: LiveEvent }
  | { type: 'source.drill'; event: LiveDrill }
);

export const liveTopics = ['source.credential-state', 'source.drill'] as const;

/** Undefined: nothing to show (a tombstone, or a credential that is being disconnected). Throws EventUnreadableError. */
export function toLiveEntry(event: CloudEvent): LiveEntry | undefined {
  return event.type === 'source.drill' ? ofDrill(event) : ofState(event);
}

/** For the creator of the source or owner of the connection, and those a connection is shared with. */
function ofState(event: CloudEvent): LiveEntry | undefined {
  const state = readEventData(event, 'SourceCredentialState', SourceCredentialState.fromJSON);
  const status = state && toStatus(state.status);
  if (!state || status === undefined) return undefined;
  return {
    type: 'source.credential-state',
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

/** For those who are told. */
function ofDrill(event: CloudEvent): LiveEntry | undefined {
  const drill = readEventData(event, 'SourceDrill', SourceDrill.fromJSON);
  if (!drill) return undefined;
  return {
    type: 'source.drill',
    accountId: drill.accountId,
    workspaceId: undefined,
    userIds: drill.recipients.map(({ userId }) => userId),
    event: {
      sourceId: drill.sourceId ?? null,
      authorizedConnectionId: drill.authorizedConnectionId ?? null,
      drillId: drill.drillId,
      running: drill.endedAt === undefined,
    },
  };
}
