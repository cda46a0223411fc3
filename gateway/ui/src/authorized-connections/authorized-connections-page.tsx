import { Button } from '@mantine/core';
import { IconLock, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useAuthorizedConnections, useMe } from '../api/queries.ts';
import { needsRenewal } from '../credential/credential-status.ts';
import { OutcomeBanner } from '../renewal/outcome-banner.tsx';
import { entryOfOutcome } from '../renewal/renewal-entry.ts';
import { useDismissParameters } from '../shell/dismiss-parameters.ts';
import { EmptyState } from '../shell/empty-state.tsx';
import { ListSkeleton } from '../shell/list-skeleton.tsx';
import { NoLongerThereNotice } from '../shell/no-longer-there-notice.tsx';
import { PageHeader } from '../shell/page-header.tsx';
import { useLinkedRow } from '../sources/linked-row.ts';
import { AddConnectionDialog } from './add-connection-dialog.tsx';
import { EnterpriseSection } from './enterprise-section.tsx';
import { LinkedConnectionNotice } from './linked-connection-notice.tsx';

export function AuthorizedConnectionsPage() {
  const me = useMe();
  const [search] = useSearchParams();
  const dismiss = useDismissParameters('connection');
  if (me.data === undefined) return <ListSkeleton label="Loading" rows={2} />;
  if (me.data.role !== 'admin') {
    return (
      <>
        <PageHeader title="Authorized connections" />
        {search.has('connection') && (
          <NoLongerThereNotice title="This connection is not yours to renew" onDismiss={dismiss}>
            Administrators of its account renew it. There is nothing to do for you here.
          </NoLongerThereNotice>
        )}
        <EmptyState
          icon={<IconLock size={26} stroke={1.6} />}
          title="For administrators"
          text="Admin credentials of enterprise sources are kept by the administrators of your account."
        />
      </>
    );
  }
  return <Connections />;
}

function Connections() {
  const list = useAuthorizedConnections(true);
  const [search] = useSearchParams();
  const [isAdding, setAdding] = useState(false);
  const [isExpanded, setExpanded] = useState(
    search.has('connection') || search.has('authorization'),
  );
  const connections = list.data?.pages.flatMap((page) => page.items);
  const linkedId = search.get('connection');
  const isListed = connections?.some(({ id }) => id === linkedId) ?? false;
  useLinkedRow({
    id: linkedId,
    isListed,
    hasMore: list.hasNextPage,
    isLoading: list.isFetchingNextPage,
    loadMore: list.fetchNextPage,
  });
  const waiting = connections?.filter(({ credential }) => needsRenewal(credential.status)).length;
  const asked = connections?.filter(({ credential }) => credential.scopeUpgrade !== null).length;
  return (
    <>
      <PageHeader
        title="Authorized connections"
        summary="Admin credentials that enterprise sources use."
        action={
          <Button
            leftSection={<IconPlus size={18} stroke={2} aria-hidden />}
            onClick={() => setAdding(true)}
          >
            Add admin credentials
          </Button>
        }
      />
      <OutcomeBanner entryOf={(outcome) => entryOfOutcome(outcome, { kind: 'my-sources' })} />
      {linkedId !== null && <LinkedConnectionNotice connectionId={linkedId} />}
      <EnterpriseSection
        list={list}
        connections={connections}
        waiting={waiting}
        asked={asked}
        isExpanded={isExpanded}
        highlightedId={linkedId ?? undefined}
        onToggle={() => setExpanded((before) => !before)}
      />
      <AddConnectionDialog isOpen={isAdding} onClose={() => setAdding(false)} />
    </>
  );
}
