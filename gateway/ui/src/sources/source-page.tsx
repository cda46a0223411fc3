import type { Source } from '@credential-renewal/gateway/http-types';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useDisconnectSource } from '../api/commands.ts';
import { hasStatus } from '../api/problem-error.ts';
import { useMe, useSource, useSourceHistory } from '../api/queries.ts';
import { CredentialPanel } from '../credential/credential-panel.tsx';
import { needsRenewal } from '../credential/credential-status.ts';
import { Deliveries } from '../deliveries/deliveries.tsx';
import { DrillButton } from '../drill/drill-button.tsx';
import { DrillsPanel } from '../drill/drills-panel.tsx';
import { LinkedDrillNotice } from '../drill/linked-drill-notice.tsx';
import { History } from '../history/history.tsx';
import { OutcomeBanner } from '../renewal/outcome-banner.tsx';
import { entryOfOutcome, entryOfSource } from '../renewal/renewal-entry.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { ConfirmDialog } from '../shell/confirm-dialog.tsx';
import { ErrorState } from '../shell/error-state.tsx';
import { ListSkeleton } from '../shell/list-skeleton.tsx';
import { PageHeader } from '../shell/page-header.tsx';
import { SourceFacts } from './source-facts.tsx';
import { SourceGone } from './source-gone.tsx';
import { TakeOverButton } from './take-over-button.tsx';

const place = { kind: 'my-sources' } as const;

export function SourcePage() {
  const { sourceId = '' } = useParams();
  const source = useSource(sourceId);
  if (hasStatus(source.error, 403, 404)) {
    return <SourceGone seen={source.data} />;
  }
  if (source.data) return <SourceDetail key={sourceId} source={source.data} />;
  if (source.isError) return <ErrorState error={source.error} onRetry={() => source.refetch()} />;
  return <ListSkeleton label="Loading the source" rows={3} />;
}

function SourceDetail({ source }: { source: Source }) {
  const history = useSourceHistory(source.id);
  const me = useMe();
  const isAdmin = me.data?.role === 'admin';
  return (
    <>
      <PageHeader
        title={source.name}
        summary={source.connector.name}
        action={
          <>
            {source.canTakeOver && source.workspace && (
              <TakeOverButton source={source} workspaceId={source.workspace.id} />
            )}
            {source.canDelete && <DisconnectButton source={source} />}
          </>
        }
      />
      {!needsRenewal(source.credential.status) && <LinkedDrillNotice drill={source.drill} />}
      <OutcomeBanner entryOf={(outcome) => entryOfOutcome(outcome, place)} />
      <CredentialPanel
        credential={source.credential}
        canRenew={source.canRenew}
        renewableBy={source.renewableBy}
        connection={source.authorizedConnection}
        entry={entryOfSource(source, place)}
        drillButton={<DrillButton drill={source.drill} place={{ kind: 'source', id: source.id }} />}
      />
      <SourceFacts source={source} />
      {isAdmin && <DrillsPanel source={source} />}
      {isAdmin && <Deliveries sourceId={source.id} />}
      <History list={history} />
    </>
  );
}

function DisconnectButton({ source }: { source: Source }) {
  const [isAsking, setAsking] = useState(false);
  const disconnect = useDisconnectSource();
  const navigate = useNavigate();
  const announce = useAnnounce();
  function confirm() {
    disconnect.mutate(source.id, {
      onSuccess: () => {
        announce(`${source.name} was disconnected.`);
        navigate('/my-sources');
      },
    });
  }
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        Disconnect
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={`Disconnect ${source.name}`}
        confirm="Disconnect"
        isBusy={disconnect.isPending}
        error={disconnect.error}
        onConfirm={confirm}
        onClose={() => setAsking(false)}
      >
        <p>
          It stops syncing and disappears from every list.{' '}
          {source.authorizedConnection === null
            ? 'If nothing else uses its credentials, the access is withdrawn at the provider too.'
            : `The authorized connection ${source.authorizedConnection.name} stays.`}
        </p>
      </ConfirmDialog>
    </>
  );
}
