import type { AuthorizedConnection } from '@credential-renewal/gateway/http-types';
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconBuilding, IconChevronDown } from '@tabler/icons-react';
import type { useAuthorizedConnections } from '../api/queries.ts';
import { EmptyState } from '../shell/empty-state.tsx';
import { ErrorState } from '../shell/error-state.tsx';
import { ListSkeleton } from '../shell/list-skeleton.tsx';
import { ShowMore } from '../shell/show-more.tsx';
import { askedWords } from '../sources/source-summary.ts';
import { ConnectionTable } from './connection-table.tsx';
import classes from './enterprise-section.module.css';

type Props = {
  list: ReturnType<typeof useAuthorizedConnections>;
  connections: AuthorizedConnection[] | undefined;
  waiting: number | undefined;
  /** How many need more access. */
  asked: number | undefined;
  isExpanded: boolean;
  highlightedId?: string;
  onToggle: () => void;
};

/** The section with the arrow on its right that expands the list of admin credentials. */
export function EnterpriseSection(props: Props) {
  const { list, connections, waiting, asked, isExpanded, highlightedId, onToggle } = props;
  const label = isExpanded ? 'Hide enterprise sources' : 'Show enterprise sources';
  return (
    <section aria-labelledby="enterprise-sources">
      <div className={classes.heading}>
        <div className={classes.words}>
          <h2 id="enterprise-sources" className={classes.title}>
            Enterprise sources
          </h2>
          <p className={classes.summary}>
            {connections &&
              `${countWords(connections.length, waiting ?? 0, list.hasNextPage)}${askedWords(asked ?? 0)}`}
          </p>
        </div>
        <Tooltip label={label}>
          <ActionIcon
            variant="default"
            size={40}
            radius="md"
            aria-label={label}
            aria-expanded={isExpanded}
            aria-controls="enterprise-sources-list"
            onClick={onToggle}
          >
            <IconChevronDown
              size={21}
              stroke={1.8}
              className={classes.arrow}
              data-expanded={isExpanded || undefined}
              aria-hidden
            />
          </ActionIcon>
        </Tooltip>
      </div>
      <div id="enterprise-sources-list" hidden={!isExpanded}>
        {connections === undefined ? (
          list.isError ? (
            <ErrorState error={list.error} onRetry={() => list.refetch()} />
          ) : (
            <ListSkeleton label="Loading admin credentials" rows={3} />
          )
        ) : connections.length === 0 ? (
          <EmptyState
            icon={<IconBuilding size={26} stroke={1.6} />}
            title="No admin credentials yet"
            text="Add admin credentials once, and any number of enterprise sources can use them."
          />
        ) : (
          <ConnectionTable connections={connections} highlightedId={highlightedId} />
        )}
        <ShowMore
          hasMore={list.hasNextPage}
          isLoading={list.isFetchingNextPage}
          onMore={list.fetchNextPage}
        />
      </div>
    </section>
  );
}

function countWords(total: number, waiting: number, hasMore: boolean): string {
  const all = `${total}${hasMore ? '+' : ''} admin ${total === 1 ? 'credential' : 'credentials'}`;
  if (waiting === 0) return all;
  return `${all}, ${waiting} ${waiting === 1 ? 'needs' : 'need'} renewal`;
}
