import type { Source } from '@credential-renewal/gateway/http-types';
import { VisuallyHidden } from '@mantine/core';
import { Link } from 'react-router';
import { needsRenewal, renewalOffer } from '../credential/credential-status.ts';
import { MoreAccessBadge } from '../credential/more-access-badge.tsx';
import { StatusBadge } from '../credential/status-badge.tsx';
import { DrillButton, DrillFingerprint } from '../drill/drill-button.tsx';
import { RenewButton, RenewFingerprint } from '../renewal/renew-button.tsx';
import { entryOfSource, type SourcesPlace } from '../renewal/renewal-entry.ts';
import classes from '../shell/record-list.module.css';
import { TimeAgo, TimeUntil } from '../time/time-ago.tsx';
import { ConnectorMark } from './connector-mark.tsx';
import { RenewableByNote } from './renewable-by-note.tsx';
import { TakeOverButton } from './take-over-button.tsx';

type Props = { sources: Source[]; place: SourcesPlace; highlightedId?: string; label: string };

/** The sources of My sources or of a workspace: a table, or cards on a narrow screen. */
export function SourceTable({ sources, place, highlightedId, label }: Props) {
  const isMine = place.kind === 'my-sources';
  return (
    <div className={classes.frame}>
      <table className={classes.table} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Connector</th>
            <th scope="col">{isMine ? 'Workspace' : 'Creator'}</th>
            <th scope="col">Status</th>
            <th scope="col">Last sync</th>
            <th scope="col">
              <VisuallyHidden>Actions</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <SourceRow
              key={source.id}
              source={source}
              place={place}
              isHighlighted={source.id === highlightedId}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

type RowProps = { source: Source; place: SourcesPlace; isHighlighted: boolean };

function SourceRow({ source, place, isHighlighted }: RowProps) {
  const isMine = place.kind === 'my-sources';
  const offer = renewalOffer(source.credential, source.canRenew);
  const describedBy = `name-${source.id}`;
  const renew = { offer, entry: entryOfSource(source, place), describedBy };
  const drill = {
    ...{ drill: source.drill, describedBy },
    place: { kind: 'source', id: source.id },
  } as const;
  return (
    <tr
      id={`row-${source.id}`}
      className={classes.row}
      data-renewable
      data-highlighted={isHighlighted || undefined}
    >
      <td className={classes.lead}>
        <div className={classes.name}>
          <ConnectorMark name={source.connector.name} />
          <Link
            id={`name-${source.id}`}
            to={`/sources/${source.id}`}
            className={classes.nameLink}
            data-renewable-name
          >
            {source.name}
          </Link>
        </div>
      </td>
      <td data-label="Connector">{source.connector.name}</td>
      <td data-label={isMine ? 'Workspace' : 'Creator'}>
        {isMine ? <WorkspaceName source={source} /> : <CreatorName source={source} />}
      </td>
      <td data-label="Status">
        <SourceStatus source={source} />
      </td>
      <td data-label="Last sync">
        <div className={classes.dateWithAction}>
          <LastSync source={source} />
          {!isMine && <RenewFingerprint {...renew} />}
          {!isMine && <DrillFingerprint {...drill} />}
        </div>
      </td>
      <td className={classes.actions}>
        <div className={classes.actionGroup}>
          {isMine || offer === 'finish' || offer === 'grant' ? <RenewButton {...renew} /> : null}
          {isMine && <DrillButton {...drill} />}
          {place.kind === 'workspace' && source.canTakeOver && (
            <TakeOverButton
              source={source}
              workspaceId={place.workspaceId}
              describedBy={describedBy}
            />
          )}
        </div>
      </td>
    </tr>
  );
}

function WorkspaceName({ source }: { source: Source }) {
  if (source.workspace === null) return <span className={classes.soft}>None</span>;
  return (
    <Link to={`/workspaces/${source.workspace.id}`} className={classes.nameLink} style={plain}>
      {source.workspace.name}
    </Link>
  );
}

function CreatorName({ source }: { source: Source }) {
  return (
    <span>
      {source.creator.name}
      {source.creator.left && <span className={classes.small}>Has left</span>}
    </span>
  );
}

function SourceStatus({ source }: { source: Source }) {
  const { status, scopeUpgrade } = source.credential;
  const deed = needsRenewal(status) ? 'renew' : 'grant';
  return (
    <div>
      <div className={classes.badges}>
        <StatusBadge status={status} canRenew={source.canRenew} />
        {scopeUpgrade && <MoreAccessBadge />}
      </div>
      {(needsRenewal(status) || scopeUpgrade) && !source.canRenew && (
        <span className={classes.small}>
          {source.canTakeOver ? (
            `Take it over to ${deed} it`
          ) : (
            <RenewableByNote
              people={source.renewableBy}
              connection={source.authorizedConnection}
              deed={deed}
            />
          )}
        </span>
      )}
      {status === 'delayed' && <span className={classes.small}>Nothing for you to do</span>}
      {status === 'expiring' && source.credential.expiresAt !== null && (
        <span className={classes.small}>
          Ends <TimeUntil time={source.credential.expiresAt} />
        </span>
      )}
    </div>
  );
}

function LastSync({ source }: { source: Source }) {
  if (source.lastSyncedAt === null) return <span className={classes.soft}>Not yet</span>;
  return <TimeAgo time={source.lastSyncedAt} />;
}

const plain = { fontWeight: 'inherit' } as const;
