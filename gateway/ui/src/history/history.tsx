import type { useSourceHistory } from '../api/queries.ts';
import { ErrorState } from '../shell/error-state.tsx';
import { ListSkeleton } from '../shell/list-skeleton.tsx';
import panel from '../shell/panel.module.css';
import { ShowMore } from '../shell/show-more.tsx';
import { TimeAgo } from '../time/time-ago.tsx';
import classes from './history.module.css';

type Props = { list: ReturnType<typeof useSourceHistory> };

/** What happened to a source or connection, newest first as the gateway sends it. */
export function History({ list }: Props) {
  return (
    <section className={panel.panel} aria-labelledby="history">
      <h2 id="history" className={panel.title}>
        History
      </h2>
      <HistoryEntries list={list} />
    </section>
  );
}

export function HistoryEntries({ list }: Props) {
  if (list.data === undefined) {
    if (!list.isError) return <ListSkeleton label="Loading history" rows={2} />;
    return (
      <ErrorState
        error={list.error}
        title="The history could not be loaded"
        onRetry={() => list.refetch()}
      />
    );
  }
  const entries = list.data.pages.flatMap((page) => page.items);
  if (entries.length === 0) return <p className={classes.empty}>Nothing has happened yet.</p>;
  return (
    <>
      <ol className={classes.entries}>
        {entries.map(({ id, time, actorName, text }) => (
          <li key={id}>
            <span className={classes.text}>{text}</span>
            <span className={classes.about}>
              {actorName !== '' && `${actorName} · `}
              <TimeAgo time={time} />
            </span>
          </li>
        ))}
      </ol>
      <ShowMore
        hasMore={list.hasNextPage}
        isLoading={list.isFetchingNextPage}
        onMore={list.fetchNextPage}
      />
    </>
  );
}
