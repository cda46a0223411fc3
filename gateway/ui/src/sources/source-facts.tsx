import type { Source } from '@credential-renewal/gateway/http-types';
import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import panel from '../shell/panel.module.css';
import { TimeAgo } from '../time/time-ago.tsx';

export function SourceFacts({ source }: { source: Source }) {
  const { workspace, authorizedConnection, creator, lastSyncedAt, credential } = source;
  return (
    <section className={panel.panel} aria-labelledby="facts">
      <h2 id="facts" className={panel.title}>
        Details
      </h2>
      <dl className={panel.facts}>
        <Fact name="Connector">{source.connector.name}</Fact>
        <Fact name="Workspace">
          {workspace === null ? (
            'None'
          ) : (
            <Anchor component={Link} to={`/workspaces/${workspace.id}`}>
              {workspace.name}
            </Anchor>
          )}
        </Fact>
        <Fact name="Creator">
          {creator.name}
          {creator.left && ' (has left)'}
        </Fact>
        {authorizedConnection !== null && (
          <Fact name="Connected through">{authorizedConnection.name}</Fact>
        )}
        <Fact name="Last sync">
          {lastSyncedAt === null ? 'Not yet' : <TimeAgo time={lastSyncedAt} />}
        </Fact>
        <Fact name="Added">
          <TimeAgo time={source.createdAt} />
        </Fact>
        {credential.lastRenewedAt !== null && (
          <Fact name="Last renewed">
            <TimeAgo time={credential.lastRenewedAt} />
          </Fact>
        )}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
