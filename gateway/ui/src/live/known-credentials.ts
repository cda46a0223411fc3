import type {
  AuthorizedConnection,
  CredentialStatus,
  LiveEvent,
  PageOf,
  Source,
} from '@credential-renewal/gateway/http-types';
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { queryKeys } from '../api/query-keys.ts';

type Known = Pick<Source | AuthorizedConnection, 'id' | 'name' | 'credential'>;
type Cached = InfiniteData<PageOf<Known>> | Known[] | Known | undefined;

/** What the page showed until now of the source or connection that a live event speaks of. */
export function knownBefore(
  queryClient: QueryClient,
  event: LiveEvent,
): { name: string; status: CredentialStatus } | undefined {
  const id = event.sourceId ?? event.authorizedConnectionId;
  const queryKey = event.sourceId === null ? queryKeys.allConnections : queryKeys.allSources;
  for (const [, cached] of queryClient.getQueriesData<Cached>({ queryKey })) {
    const known = itemsOf(cached).find((item) => item.id === id);
    if (known) return { name: known.name, status: known.credential.status };
  }
  return undefined;
}

function itemsOf(cached: Cached): Known[] {
  if (cached === undefined) return [];
  if (Array.isArray(cached)) return cached;
  return 'pages' in cached ? cached.pages.flatMap((page) => page.items) : [cached];
}
