import type { Named } from '@credential-renewal/gateway/http-types';
import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import { useMe } from '../api/queries.ts';
import { type Deed, renewableByWords } from './renewable-by.ts';

type Props = {
  people: Named[];
  /** The authorized connection behind it, if there is one. */
  connection: Named | null;
  deed?: Deed;
};

/**
 * Who can act, for somebody who has no button here. Who may renew the connection behind a source has it in another place
 * (semantics 16), and is shown the way instead of their own name.
 */
export function RenewableByNote({ people, connection, deed = 'renew' }: Props) {
  const me = useMe();
  const isMine = people.some(({ id }) => id === me.data?.user.id);
  if (!isMine || connection === null) return renewableByWords(people, deed);
  return (
    <>
      You can {deed} it under{' '}
      <Anchor
        component={Link}
        to={`/authorized-connections?connection=${encodeURIComponent(connection.id)}`}
        inherit
        underline="always"
      >
        Authorized connections
      </Anchor>
    </>
  );
}
