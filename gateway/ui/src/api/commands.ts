import type {
  Authorization,
  CreatedAuthorizedConnection,
  CreatedSource,
  Drill,
  NewAuthorizedConnection,
  NewRenewal,
  NewSource,
  NotificationChoice,
  NotificationPreferences,
  Source,
  Workspace,
} from '@credential-renewal/gateway/http-types';
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { type DrillPlace, drillsPath } from '../drill/drill-place.ts';
import type { RenewalEntry } from '../renewal/renewal-entry.ts';
import { renewalPath } from '../renewal/renewal-entry.ts';
import { useApi } from './api-context.ts';
import { queryKeys } from './query-keys.ts';

export function useStartRenewal() {
  const api = useApi();
  return useMutation({
    mutationFn: ({ entry, renewal }: { entry: RenewalEntry; renewal: NewRenewal }) =>
      api.send<Authorization>('POST', renewalPath(entry), renewal),
  });
}

export function useCancelAuthorization() {
  const api = useApi();
  return useMutation({
    mutationFn: (id: string) =>
      api.send<unknown>('POST', `/authorizations/${encodeURIComponent(id)}/cancel`),
  });
}

export function useAddSource() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (source: NewSource) => api.send<CreatedSource>('POST', '/sources', source),
    onSuccess: () =>
      refresh(queryKeys.allSources, queryKeys.allWorkspaces, queryKeys.allConnections),
  });
}

export function useAddAuthorizedConnection() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (connection: NewAuthorizedConnection) =>
      api.send<CreatedAuthorizedConnection>('POST', '/authorized-connections', connection),
    onSuccess: () => refresh(queryKeys.allConnections),
  });
}

export function useDisconnectSource() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (id: string) => api.send<unknown>('DELETE', `/sources/${encodeURIComponent(id)}`),
    onSuccess: () => {
      refresh(queryKeys.allSources, queryKeys.allWorkspaces, queryKeys.allConnections);
    },
  });
}

export function useDeleteAuthorizedConnection() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (id: string) =>
      api.send<unknown>('DELETE', `/authorized-connections/${encodeURIComponent(id)}`),
    onSuccess: () => refresh(queryKeys.connections, queryKeys.connectionChoice),
  });
}

export function useShareAuthorizedConnection() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ id, userIds }: { id: string; userIds: string[] }) =>
      api.send<unknown>('PUT', `/authorized-connections/${encodeURIComponent(id)}/sharing`, {
        userIds,
      }),
    onSuccess: () => refresh(queryKeys.allConnections, queryKeys.allHistory),
  });
}

export function useTakeOver() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ workspaceId, sourceId }: { workspaceId: string; sourceId: string }) =>
      api.send<Source>(
        'POST',
        `/workspaces/${encodeURIComponent(workspaceId)}/sources/${encodeURIComponent(sourceId)}/take-over`,
      ),
    onSuccess: () => refresh(queryKeys.allSources, queryKeys.allWorkspaces, queryKeys.allHistory),
  });
}

export function useAddWorkspace() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (name: string) => api.send<Workspace>('POST', '/workspaces', { name }),
    onSuccess: () => refresh(queryKeys.allWorkspaces),
  });
}

export function useSetMembership() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (change: { workspaceId: string; userId: string; membership: Membership }) =>
      api.send<unknown>(
        'PUT',
        `/workspaces/${encodeURIComponent(change.workspaceId)}/members/${encodeURIComponent(change.userId)}`,
        { membership: change.membership },
      ),
    onSuccess: () => refresh(queryKeys.allWorkspaces, queryKeys.allSources),
  });
}

export function useSetNotificationPreferences() {
  const api = useApi();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (choice: NotificationChoice) =>
      api.send<NotificationPreferences>('PUT', '/me/notification-preferences', choice),
    // Before the form is told: it compares with what is saved.
    onSuccess: (saved) => queryClient.setQueryData(queryKeys.preferences, saved),
  });
}

export function useStartDrill() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (place: DrillPlace) => api.send<Drill>('POST', drillsPath(place)),
    onSuccess: () => refresh(...afterDrill),
  });
}

export function useEndDrill() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ place, drillId }: { place: DrillPlace; drillId: string }) =>
      api.send<unknown>('DELETE', `${drillsPath(place)}/${encodeURIComponent(drillId)}`),
    onSettled: () => refresh(...afterDrill),
  });
}

export function useReactToDrill() {
  const api = useApi();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ place, drillId }: { place: DrillPlace; drillId: string }) =>
      api.send<unknown>('POST', `${drillsPath(place)}/${encodeURIComponent(drillId)}/reactions`),
    // Also when it was refused: it may be over.
    onSettled: () => refresh(...afterDrill),
  });
}

const afterDrill = [
  queryKeys.allSources,
  queryKeys.allConnections,
  queryKeys.allDrills,
  queryKeys.allHistory,
];

export type Membership = 'none' | 'member' | 'admin';

function useRefresh() {
  const queryClient = useQueryClient();
  return (...keys: QueryKey[]) => {
    for (const queryKey of keys) queryClient.invalidateQueries({ queryKey });
  };
}
