import type { LiveEvent } from '@credential-renewal/gateway/http-types';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { queryKeys } from '../api/query-keys.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { announcementOf } from './announcement.ts';
import { knownBefore } from './known-credentials.ts';
import { keepLive, type LiveState } from './live-connection.ts';

/** An outage heals or kills many sources at once: their events are gathered into one refresh. */
const gatherMs = 150;

const LiveStateContext = createContext<LiveState>('connecting');

export function useLiveState(): LiveState {
  return useContext(LiveStateContext);
}

/** Refreshes what is on the page when a credential dies or is healed, without touching focus, scroll or dialogs. */
export function LiveUpdates({ children }: { children: ReactNode }) {
  const queryClient = useQueryClient();
  const announce = useAnnounce();
  const [state, setState] = useState<LiveState>('connecting');
  useEffect(() => {
    const refresh = gather(() => refreshStates(queryClient), gatherMs);
    const close = keepLive({
      open: () => new EventSource('/api/v1/events'),
      onEvent: (event) => {
        sayChange(queryClient, event, announce);
        refresh.soon();
      },
      onDrill: refresh.soon,
      onMissed: refresh.soon,
      // An ended session shows in this read, and leads to sign-in.
      onRefused: () => queryClient.invalidateQueries({ queryKey: queryKeys.me }),
      onState: setState,
    });
    return () => {
      close();
      refresh.cancel();
    };
  }, [queryClient, announce]);
  return <LiveStateContext value={state}>{children}</LiveStateContext>;
}

function sayChange(queryClient: QueryClient, event: LiveEvent, announce: (text: string) => void) {
  const before = knownBefore(queryClient, event);
  const words = before && announcementOf(before.name, before.status, event.status);
  if (words) announce(words);
}

function refreshStates(queryClient: QueryClient): void {
  const groups = [
    queryKeys.allSources,
    queryKeys.allWorkspaces,
    queryKeys.allConnections,
    queryKeys.allHistory,
    queryKeys.allDeliveries,
    queryKeys.allDrills,
  ];
  for (const queryKey of groups) queryClient.invalidateQueries({ queryKey });
}

function gather(act: () => void, ms: number) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    soon() {
      timer ??= setTimeout(() => {
        timer = undefined;
        act();
      }, ms);
    },
    cancel() {
      clearTimeout(timer);
    },
  };
}
