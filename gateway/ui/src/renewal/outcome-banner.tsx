import type { AuthorizationOutcome } from '@credential-renewal/gateway/http-types';
import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';
import { useAuthorization } from '../api/queries.ts';
import { queryKeys } from '../api/query-keys.ts';
import { useDismissParameters } from '../shell/dismiss-parameters.ts';
import { Notice } from '../shell/notice.tsx';
import { type OutcomeAction, outcomeView } from './outcome-view.ts';
import { useRenewal } from './renewal-context.ts';
import type { RenewalEntry } from './renewal-entry.ts';
import { purposeOf } from './renewal-purpose.ts';
import { SwitchAccountDialog } from './switch-account-dialog.tsx';

type Props = {
  /** What "Try again" starts on this page. */
  entryOf: (outcome: AuthorizationOutcome) => RenewalEntry | undefined;
};

/** After coming back: how the authorization named in `?authorization=` went. */
export function OutcomeBanner({ entryOf }: Props) {
  const [search] = useSearchParams();
  const dismiss = useDismissParameters('authorization');
  const authorizationId = search.get('authorization');
  if (authorizationId === null) return null;
  return (
    <Outcome
      key={authorizationId}
      authorizationId={authorizationId}
      entryOf={entryOf}
      onDismiss={dismiss}
    />
  );
}

type OutcomeProps = Props & { authorizationId: string; onDismiss: () => void };

function Outcome({ authorizationId, entryOf, onDismiss }: OutcomeProps) {
  const authorization = useAuthorization(authorizationId, true);
  const outcome = authorization.data;
  const notice = useFocusOnArrival(outcome?.status);
  useFreshListsOnce(outcome?.status);
  if (authorization.isPending) {
    return (
      <Notice tone="info" title="Checking how it went">
        <p>One moment.</p>
      </Notice>
    );
  }
  if (outcome === undefined) {
    return (
      <Notice tone="info" title="How it went is not known any more" onDismiss={onDismiss}>
        <p>{authorization.error?.message} The page below shows how things stand now.</p>
      </Notice>
    );
  }
  const view = outcomeView(outcome);
  return (
    <Notice
      ref={notice}
      tone={view.tone}
      title={view.title}
      onDismiss={onDismiss}
      actions={
        <OutcomeActions
          actions={view.actions}
          outcome={outcome}
          entry={entryOf(outcome)}
          onCheckAgain={() => authorization.refetch()}
        />
      }
    >
      <p>{view.text}</p>
      {view.list.length > 0 && (
        <ul>
          {view.list.map((item) => (
            <li key={item}>{item}</li>
          ))}
        </ul>
      )}
      {view.advice && <p>{view.advice}</p>}
    </Notice>
  );
}

type ActionsProps = {
  actions: OutcomeAction[];
  outcome: AuthorizationOutcome;
  entry: RenewalEntry | undefined;
  onCheckAgain: () => void;
};

function OutcomeActions({ actions, outcome, entry, onCheckAgain }: ActionsProps): ReactNode {
  const renewal = useRenewal();
  const [isSwitching, setSwitching] = useState(false);
  if (actions.length === 0 || entry === undefined) return null;
  return (
    <>
      {actions.includes('check-again') && (
        <Button variant="default" onClick={onCheckAgain}>
          Check again
        </Button>
      )}
      <Button
        variant="default"
        onClick={() => renewal.start(entry, { purpose: purposeOf(outcome) })}
      >
        Try again
      </Button>
      {actions.includes('switch-account') && (
        <>
          <Button variant="default" onClick={() => setSwitching(true)}>
            Switch account
          </Button>
          <SwitchAccountDialog
            isOpen={isSwitching}
            outcome={outcome}
            onClose={() => setSwitching(false)}
            onSwitch={() => {
              setSwitching(false);
              renewal.start(entry, { switchAccount: true });
            }}
          />
        </>
      )}
    </>
  );
}

/** The person comes from another site: reading starts at the outcome. */
function useFocusOnArrival(status: AuthorizationOutcome['status'] | undefined) {
  const notice = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (status !== undefined) notice.current?.focus();
  }, [status]);
  return notice;
}

/** The lists may have been read before the authorization ended. */
function useFreshListsOnce(status: AuthorizationOutcome['status'] | undefined): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    if (status === undefined || status === 'pending') return;
    queryClient.invalidateQueries({ queryKey: queryKeys.allSources });
    queryClient.invalidateQueries({ queryKey: queryKeys.allConnections });
    queryClient.invalidateQueries({ queryKey: queryKeys.allWorkspaces });
  }, [queryClient, status]);
}
