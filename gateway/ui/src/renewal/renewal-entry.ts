import type { AuthorizationOutcome, Source } from '@credential-renewal/gateway/http-types';

/** Where a person starts a renewal from: one of the three entry points, or the source's own page. */
export type RenewalEntry =
  | { kind: 'my-sources'; sourceId: string }
  | { kind: 'workspace'; workspaceId: string; sourceId: string }
  | { kind: 'authorized-connection'; connectionId: string };

/** The page a list of sources stands on. */
export type SourcesPlace = { kind: 'my-sources' } | { kind: 'workspace'; workspaceId: string };

/** The path of the renewal call below `/api/v1`. */
export function renewalPath(entry: RenewalEntry): string {
  switch (entry.kind) {
    case 'my-sources':
      return `/my-sources/${encodeURIComponent(entry.sourceId)}/renewals`;
    case 'workspace':
      return `/workspaces/${encodeURIComponent(entry.workspaceId)}/sources/${encodeURIComponent(entry.sourceId)}/renewals`;
    case 'authorized-connection':
      return `/authorized-connections/${encodeURIComponent(entry.connectionId)}/renewals`;
    default:
      return entry satisfies never;
  }
}

/**
 * A source backed by an authorized connection is renewed through the connection, whichever page its row is on
 * (semantics 16: only the connection's owner and those it is shared with may).
 */
export function entryOfSource(
  source: Pick<Source, 'id' | 'authorizedConnection'>,
  place: SourcesPlace,
): RenewalEntry {
  if (source.authorizedConnection !== null) {
    return { kind: 'authorized-connection', connectionId: source.authorizedConnection.id };
  }
  return { ...place, sourceId: source.id };
}

/** What "Try again" starts, or nothing when the outcome belongs to neither a source nor a connection. */
export function entryOfOutcome(
  outcome: Pick<AuthorizationOutcome, 'sourceId' | 'authorizedConnectionId'>,
  place: SourcesPlace,
): RenewalEntry | undefined {
  if (outcome.authorizedConnectionId !== null) {
    return { kind: 'authorized-connection', connectionId: outcome.authorizedConnectionId };
  }
  return outcome.sourceId === null ? undefined : { ...place, sourceId: outcome.sourceId };
}
