import type { Source } from '@credential-renewal/gateway/http-types';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import type { useMySources } from '../api/queries.ts';
import type { SourcesPlace } from '../renewal/renewal-entry.ts';
import { ErrorState } from '../shell/error-state.tsx';
import { ListSkeleton } from '../shell/list-skeleton.tsx';
import { ShowMore } from '../shell/show-more.tsx';
import { useLinkedRow } from './linked-row.ts';
import { LinkedSourceNotice } from './linked-source-notice.tsx';
import { SourceTable } from './source-table.tsx';

type Props = {
  list: ReturnType<typeof useMySources>;
  sources: Source[] | undefined;
  place: SourcesPlace;
  label: string;
  empty: ReactNode;
};

/** A list of sources in all its states, with the row that `?source=` points at in view. */
export function SourceList({ list, sources, place, label, empty }: Props) {
  const [search] = useSearchParams();
  const linkedId = search.get('source');
  const isListed = sources?.some(({ id }) => id === linkedId) ?? false;
  useLinkedRow({
    id: linkedId,
    isListed,
    hasMore: list.hasNextPage,
    isLoading: list.isFetchingNextPage,
    loadMore: list.fetchNextPage,
  });
  return (
    <>
      {linkedId !== null && (
        <LinkedSourceNotice
          sourceId={linkedId}
          isListed={isListed}
          isListComplete={sources !== undefined && !list.hasNextPage}
        />
      )}
      {sources === undefined ? (
        <Unread list={list} />
      ) : sources.length === 0 ? (
        empty
      ) : (
        <SourceTable
          sources={sources}
          place={place}
          highlightedId={linkedId ?? undefined}
          label={label}
        />
      )}
      <ShowMore
        hasMore={list.hasNextPage}
        isLoading={list.isFetchingNextPage}
        onMore={list.fetchNextPage}
      />
    </>
  );
}

function Unread({ list }: Pick<Props, 'list'>) {
  if (list.isError) return <ErrorState error={list.error} onRetry={() => list.refetch()} />;
  return <ListSkeleton label="Loading sources" />;
}
