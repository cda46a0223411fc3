import type { AuthorizedConnection } from '@credential-renewal/gateway/http-types';
import { VisuallyHidden } from '@mantine/core';
import { needsRenewal, renewalOffer } from '../credential/credential-status.ts';
import { MoreAccessBadge } from '../credential/more-access-badge.tsx';
import { StatusBadge } from '../credential/status-badge.tsx';
import { DrillButton } from '../drill/drill-button.tsx';
import { RenewButton } from '../renewal/renew-button.tsx';
import classes from '../shell/record-list.module.css';
import { ConnectorMark } from '../sources/connector-mark.tsx';
import { renewableByWords } from '../sources/renewable-by.ts';
import { TimeAgo } from '../time/time-ago.tsx';
import { ConnectionMenu } from './connection-menu.tsx';

type Props = { connections: AuthorizedConnection[]; highlightedId?: string };

export function ConnectionTable({ connections, highlightedId }: Props) {
  return (
    <div className={classes.frame}>
      <table className={classes.table} aria-label="Admin credentials">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Owner</th>
            <th scope="col">Shared with</th>
            <th scope="col">Sources</th>
            <th scope="col">Status</th>
            <th scope="col">
              <VisuallyHidden>Actions</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {connections.map((connection) => (
            <ConnectionRow
              key={connection.id}
              connection={connection}
              isHighlighted={connection.id === highlightedId}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

type RowProps = { connection: AuthorizedConnection; isHighlighted: boolean };

function ConnectionRow({ connection, isHighlighted }: RowProps) {
  const { id, name, connector, owner, sharedWith, sourceCount, credential, canRenew } = connection;
  return (
    <tr
      id={`row-${id}`}
      className={classes.row}
      data-renewable
      data-highlighted={isHighlighted || undefined}
    >
      <td className={classes.lead}>
        <div className={classes.name}>
          <ConnectorMark name={connector.name} />
          <div>
            <span
              id={`name-${id}`}
              className={classes.nameLink}
              style={{ textDecoration: 'none' }}
              tabIndex={-1}
              data-renewable-name
            >
              {name}
            </span>
            <span className={classes.small} style={{ marginTop: 0 }}>
              {connector.name}
            </span>
          </div>
        </div>
      </td>
      <td data-label="Owner">{owner.name}</td>
      <td data-label="Shared with">
        {sharedWith.length === 0 ? (
          <span className={classes.soft}>Nobody</span>
        ) : (
          sharedWith.map((user) => user.name).join(', ')
        )}
      </td>
      <td data-label="Sources">{sourceCount}</td>
      <td data-label="Status">
        <ConnectionStatus connection={connection} />
      </td>
      <td className={classes.actions}>
        <div className={classes.actionGroup}>
          <RenewButton
            offer={renewalOffer(credential, canRenew)}
            entry={{ kind: 'authorized-connection', connectionId: id }}
            describedBy={`name-${id}`}
          />
          <DrillButton
            drill={connection.drill}
            place={{ kind: 'authorized-connection', id }}
            describedBy={`name-${id}`}
          />
          <ConnectionMenu connection={connection} />
        </div>
      </td>
    </tr>
  );
}

/** The owner and those it is shared with may renew a connection (semantics 16). */
function ConnectionStatus({ connection }: { connection: AuthorizedConnection }) {
  const { credential, canRenew, owner, sharedWith } = connection;
  return (
    <div>
      <div className={classes.badges}>
        <StatusBadge status={credential.status} canRenew={canRenew} />
        {credential.scopeUpgrade && <MoreAccessBadge />}
      </div>
      {credential.scopeUpgrade && !canRenew && (
        <span className={classes.small}>{renewableByWords([owner, ...sharedWith], 'grant')}</span>
      )}
      {needsRenewal(credential.status) && (
        <span className={classes.small}>
          {canRenew ? (
            <>
              Began <TimeAgo time={credential.since} />
            </>
          ) : (
            renewableByWords([owner, ...sharedWith])
          )}
        </span>
      )}
    </div>
  );
}
