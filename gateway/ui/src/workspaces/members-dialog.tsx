import { Button, Group, NativeSelect, Stack } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type Membership, useSetMembership } from '../api/commands.ts';
import { useUsers } from '../api/queries.ts';
import { Dialog } from '../shell/dialog.tsx';
import { FormError } from '../shell/form-error.tsx';
import { Notice } from '../shell/notice.tsx';

type Props = { isOpen: boolean; workspaceId: string; myId: string; onClose: () => void };

const choices: { value: Membership; label: string; done: string }[] = [
  { value: 'member', label: 'Member', done: 'is a member now' },
  { value: 'admin', label: 'Administrator', done: 'administers the workspace now' },
  { value: 'none', label: 'Not in the workspace', done: 'is not in the workspace any more' },
];

/** Says who belongs to a workspace, one person at a time. */
export function MembersDialog({ isOpen, onClose, ...form }: Props) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Change members" size={440}>
      <MembersForm onClose={onClose} {...form} />
    </Dialog>
  );
}

function MembersForm({ workspaceId, myId, onClose }: Omit<Props, 'isOpen'>) {
  const users = useUsers();
  const setMembership = useSetMembership();
  const [userId, setUserId] = useState('');
  const [choice, setChoice] = useState<Membership>('member');
  const [done, setDone] = useState<string>();
  const people = users.data?.filter(({ id, left }) => id !== myId && !left) ?? [];
  function submit(event: FormEvent) {
    event.preventDefault();
    const name = people.find(({ id }) => id === userId)?.name;
    const words = choices.find(({ value }) => value === choice)?.done;
    setDone(undefined);
    setMembership.mutate(
      { workspaceId, userId, membership: choice },
      { onSuccess: () => setDone(`${name} ${words}`) },
    );
  }
  return (
    <form onSubmit={submit}>
      <FormError error={users.error ?? setMembership.error} pointers={[]} />
      {done && <Notice tone="ok" title={done} />}
      <Stack gap="md">
        <NativeSelect
          label="Person"
          value={userId}
          onChange={(event) => setUserId(event.currentTarget.value)}
          data={[
            { value: '', label: 'Choose a person', disabled: true },
            ...people.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          data-autofocus
        />
        <NativeSelect
          label="Place in the workspace"
          value={choice}
          onChange={(event) => setChoice(event.currentTarget.value as Membership)}
          data={choices.map(({ value, label }) => ({ value, label }))}
        />
      </Stack>
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        <Button type="submit" loading={setMembership.isPending} disabled={userId === ''}>
          Save
        </Button>
      </Group>
    </form>
  );
}
