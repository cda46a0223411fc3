import type { Connector } from '@credential-renewal/gateway/http-types';
import { Anchor, NativeSelect } from '@mantine/core';
import { Link } from 'react-router';
import { hasStatus } from '../api/problem-error.ts';
import { useConnectionChoice, useMe } from '../api/queries.ts';
import { statusWords } from '../credential/credential-status.ts';
import { FormError } from '../shell/form-error.tsx';
import { Notice } from '../shell/notice.tsx';

type Props = {
  connector: Connector;
  value: string;
  onChange: (connectionId: string) => void;
};

/** The authorized connection that backs an enterprise source. */
export function ConnectionChoice({ connector, value, onChange }: Props) {
  const me = useMe();
  const connections = useConnectionChoice(true);
  // Who is no administrator may not see the connections: for them it is the same as having none.
  const isForbidden = hasStatus(connections.error, 403, 404);
  if (connections.isError && !isForbidden) {
    return <FormError error={connections.error} pointers={[]} />;
  }
  const usable = connections.data?.filter(
    (connection) =>
      connection.connector.id === connector.id && connection.credential.status !== 'pending',
  );
  if (isForbidden || usable?.length === 0) {
    return (
      <Notice tone="info" title={`No authorized connection for ${connector.name}`}>
        {me.data?.role === 'admin' ? (
          <p>
            Add admin credentials under{' '}
            <Anchor component={Link} to="/authorized-connections" underline="always">
              Authorized connections
            </Anchor>{' '}
            first.
          </p>
        ) : (
          <p>An administrator of your account has to add admin credentials for it first.</p>
        )}
      </Notice>
    );
  }
  return (
    <NativeSelect
      label="Authorized connection"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[
        { value: '', label: 'Choose a connection', disabled: true },
        ...(usable ?? []).map(({ id, name, credential }) => ({
          value: id,
          label:
            credential.status === 'healthy' ? name : `${name} (${statusWords(credential.status)})`,
        })),
      ]}
    />
  );
}
