import type { Workspace } from '@credential-renewal/gateway/http-types';
import { Button } from '@mantine/core';
import { IconChevronRight, IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useMe, useWorkspaces } from '../api/queries.ts';
import { EmptyState } from '../shell/empty-state.tsx';
import { ErrorState } from '../shell/error-state.tsx';
import { ListSkeleton } from '../shell/list-skeleton.tsx';
import { PageHeader } from '../shell/page-header.tsx';
import { ShowMore } from '../shell/show-more.tsx';
import { countSummary } from '../sources/source-summary.ts';
import { NewWorkspaceDialog } from './new-workspace-dialog.tsx';
import classes from './workspaces-page.module.css';

export function WorkspacesPage() {
  const me = useMe();
  const list = useWorkspaces();
  const [isAdding, setAdding] = useState(false);
  const workspaces = list.data?.pages.flatMap((page) => page.items);
  return (
    <>
      <PageHeader
        title="Workspaces"
        summary="Sources you share with others."
        action={
          me.data?.role === 'admin' && (
            <Button
              variant="default"
              leftSection={<IconPlus size={18} stroke={2} aria-hidden />}
              onClick={() => setAdding(true)}
            >
              New workspace
            </Button>
          )
        }
      />
      {workspaces === undefined ? (
        list.isError ? (
          <ErrorState error={list.error} onRetry={() => list.refetch()} />
        ) : (
          <ListSkeleton label="Loading workspaces" rows={3} />
        )
      ) : (
        <WorkspaceList workspaces={workspaces} mayAdd={me.data?.role === 'admin'} />
      )}
      <ShowMore
        hasMore={list.hasNextPage}
        isLoading={list.isFetchingNextPage}
        onMore={list.fetchNextPage}
      />
      <NewWorkspaceDialog isOpen={isAdding} onClose={() => setAdding(false)} />
    </>
  );
}

type ListProps = { workspaces: Workspace[]; mayAdd: boolean };

function WorkspaceList({ workspaces, mayAdd }: ListProps) {
  if (workspaces.length === 0) {
    return (
      <EmptyState
        icon={<IconUsersGroup size={26} stroke={1.6} />}
        title="You are in no workspace yet"
        text={
          mayAdd
            ? 'Make one above and add the people who share its sources.'
            : 'An administrator of your account can make one and add you to it.'
        }
      />
    );
  }
  return (
    <ul className={classes.list} aria-label="Workspaces">
      {workspaces.map(({ id, name, administered, sourceCount, needsRenewalCount }) => (
        <li key={id}>
          <Link to={`/workspaces/${id}`} className={classes.card}>
            <span className={classes.words}>
              <span className={classes.name}>{name}</span>
              <span className={classes.summary}>
                {countSummary(sourceCount, needsRenewalCount)}
                {administered && (
                  <>
                    {' · '}
                    <span className={classes.unbroken}>You administer it</span>
                  </>
                )}
              </span>
            </span>
            <IconChevronRight size={18} stroke={1.8} aria-hidden />
          </Link>
        </li>
      ))}
    </ul>
  );
}
