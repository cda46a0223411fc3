import type {
  AuditEntry,
  AuthorizationOutcome,
  AuthorizedConnection,
  Connector,
  Delivery,
  Drill,
  Me,
  NotificationPreferences,
  PageOf,
  Source,
  User,
  Workspace,
} from '@credential-renewal/gateway/http-types';
import { type QueryKey, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type DrillPlace, drillsPath } from '../drill/drill-place.ts';
import { useApi } from './api-context.ts';
import type { ApiClient } from './client.ts';
import { queryKeys } from './query-keys.ts';

const outcomePollMs = 1_000;
/** A callback answers within seconds; after this the page stops asking and offers to ask again. */
const outcomePollLimit = 15;

export function useMe() {
  return useOne<Me>(queryKeys.me, '/me');
}

/** How the signed-in user wants to be told. */
export function useNotificationPreferences() {
  return useOne<NotificationPreferences>(queryKeys.preferences, '/me/notification-preferences');
}

export function useMySources() {
  return useList<Source>(queryKeys.mySources, '/my-sources');
}

export function useWorkspaceSources(workspaceId: string) {
  return useList<Source>(
    queryKeys.workspaceSources(workspaceId),
    `/workspaces/${encodeURIComponent(workspaceId)}/sources`,
  );
}

export function useWorkspaces() {
  return useList<Workspace>(queryKeys.workspaces, '/workspaces');
}

export function useAuthorizedConnections(enabled: boolean) {
  return useList<AuthorizedConnection>(queryKeys.connections, '/authorized-connections', enabled);
}

export function useSourceHistory(sourceId: string, enabled = true) {
  return useList<AuditEntry>(
    queryKeys.sourceHistory(sourceId),
    `/sources/${encodeURIComponent(sourceId)}/history`,
    enabled,
  );
}

/** What became of the mails about a source; the gateway tells administrators only. */
export function useSourceDeliveries(sourceId: string) {
  return useList<Delivery>(
    queryKeys.sourceDeliveries(sourceId),
    `/sources/${encodeURIComponent(sourceId)}/deliveries`,
  );
}

/** The newest drills, in one page; the gateway tells administrators only. */
export function useDrills(place: DrillPlace) {
  return useOne<PageOf<Drill>>(queryKeys.drills(place), drillsPath(place));
}

export function useConnectionHistory(connectionId: string, enabled = true) {
  return useList<AuditEntry>(
    queryKeys.connectionHistory(connectionId),
    `/authorized-connections/${encodeURIComponent(connectionId)}/history`,
    enabled,
  );
}

export function useWorkspace(workspaceId: string) {
  return useOne<Workspace>(
    queryKeys.workspace(workspaceId),
    `/workspaces/${encodeURIComponent(workspaceId)}`,
  );
}

export function useSource(sourceId: string, enabled = true) {
  return useOne<Source>(
    queryKeys.source(sourceId),
    `/sources/${encodeURIComponent(sourceId)}`,
    enabled,
  );
}

export function useAuthorizedConnection(connectionId: string, enabled = true) {
  return useOne<AuthorizedConnection>(
    queryKeys.connection(connectionId),
    `/authorized-connections/${encodeURIComponent(connectionId)}`,
    enabled,
  );
}

/** The whole catalogue. */
export function useConnectors() {
  return useWhole<Connector>(queryKeys.connectors, '/connectors');
}

/** Every user of the account. */
export function useUsers() {
  return useWhole<User>(queryKeys.users, '/users');
}

/** Every workspace the user may put a source into. */
export function useWorkspaceChoice() {
  return useWhole<Workspace>(queryKeys.workspaceChoice, '/workspaces');
}

/** Every authorized connection the user may put a source onto. */
export function useConnectionChoice(enabled: boolean) {
  return useWhole<AuthorizedConnection>(
    queryKeys.connectionChoice,
    '/authorized-connections',
    enabled,
  );
}

/** How an authorization stands; asks again for a while when it is still pending and `watch` is set. */
export function useAuthorization(authorizationId: string, watch: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: queryKeys.authorization(authorizationId),
    queryFn: ({ signal }) =>
      api.get<AuthorizationOutcome>(
        `/authorizations/${encodeURIComponent(authorizationId)}`,
        signal,
      ),
    staleTime: 0,
    refetchInterval: (query) =>
      watch &&
      query.state.data?.status === 'pending' &&
      query.state.dataUpdateCount < outcomePollLimit
        ? outcomePollMs
        : false,
  });
}

function useOne<T>(queryKey: QueryKey, path: string, enabled = true) {
  const api = useApi();
  return useQuery({ queryKey, queryFn: ({ signal }) => api.get<T>(path, signal), enabled });
}

/** A list that grows page by page ("Show more"). */
function useList<T>(queryKey: QueryKey, path: string, enabled = true) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => api.get<PageOf<T>>(pageOf(path, pageParam), signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextPageToken,
    enabled,
  });
}

/** A list that is needed whole, for a choice. */
function useWhole<T>(queryKey: QueryKey, path: string, enabled = true) {
  const api = useApi();
  return useQuery({ queryKey, queryFn: ({ signal }) => everyPage<T>(api, path, signal), enabled });
}

async function everyPage<T>(api: ApiClient, path: string, signal: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  let pageToken: string | null = null;
  do {
    const page: PageOf<T> = await api.get<PageOf<T>>(pageOf(path, pageToken, 200), signal);
    items.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== null);
  return items;
}

function pageOf(path: string, pageToken: string | null, pageSize = 50): string {
  const query = new URLSearchParams({ pageSize: String(pageSize) });
  if (pageToken !== null) query.set('pageToken', pageToken);
  return `${path}?${query}`;
}
