import type { AuthorizedConnection } from '@credential-renewal/gateway/http-types';
import { Button, Checkbox, Group, Skeleton, Stack } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useShareAuthorizedConnection } from '../api/commands.ts';
import { useUsers } from '../api/queries.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { Dialog } from '../shell/dialog.tsx';
import { FormError } from '../shell/form-error.tsx';

type Props = { connection: AuthorizedConnection; isOpen: boolean; onClose: () => void };

/** Only administrators can be shared with: they may then renew it and are told when it expires. */
export function ShareDialog({ connection, isOpen, onClose }: Props) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={`Share ${connection.name}`} size={460}>
      <ShareForm connection={connection} onClose={onClose} />
    </Dialog>
  );
}

function ShareForm({ connection, onClose }: Omit<Props, 'isOpen'>) {
  const users = useUsers();
  const share = useShareAuthorizedConnection();
  const announce = useAnnounce();
  const [userIds, setUserIds] = useState(connection.sharedWith.map(({ id }) => id));
  const administrators = users.data?.filter(
    ({ id, role, left }) => role === 'admin' && !left && id !== connection.owner.id,
  );
  if (administrators?.length === 0) return <NobodyToShareWith onClose={onClose} />;
  function submit(event: FormEvent) {
    event.preventDefault();
    share.mutate(
      { id: connection.id, userIds },
      {
        onSuccess: () => {
          onClose();
          announce(`Sharing of ${connection.name} was saved.`);
        },
      },
    );
  }
  return (
    <form onSubmit={submit}>
      <FormError error={users.error ?? share.error} pointers={[]} />
      <Checkbox.Group
        label="Administrators"
        description="They can use the connection and renew it, and are told when it expires."
        value={userIds}
        onChange={setUserIds}
      >
        <Stack gap="sm" mt="sm">
          {administrators?.map(({ id, name }) => <Checkbox key={id} value={id} label={name} />) ?? (
            <Skeleton height={72} />
          )}
        </Stack>
      </Checkbox.Group>
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={share.isPending} disabled={administrators === undefined}>
          Save
        </Button>
      </Group>
    </form>
  );
}

function NobodyToShareWith({ onClose }: { onClose: () => void }) {
  return (
    <>
      <p>There is no other administrator in your account yet.</p>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose} data-autofocus>
          Close
        </Button>
      </Group>
    </>
  );
}
