import { Button, Group, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { useAddWorkspace } from '../api/commands.ts';
import { Dialog } from '../shell/dialog.tsx';
import { FormError, fieldError } from '../shell/form-error.tsx';

type Props = { isOpen: boolean; onClose: () => void };

export function NewWorkspaceDialog({ isOpen, onClose }: Props) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="New workspace" size={440}>
      <NewWorkspaceForm onClose={onClose} />
    </Dialog>
  );
}

function NewWorkspaceForm({ onClose }: Pick<Props, 'onClose'>) {
  const [name, setName] = useState('');
  const addWorkspace = useAddWorkspace();
  const navigate = useNavigate();
  function submit(event: FormEvent) {
    event.preventDefault();
    addWorkspace.mutate(name.trim(), {
      onSuccess: ({ id }) => {
        onClose();
        navigate(`/workspaces/${id}`);
      },
    });
  }
  return (
    <form onSubmit={submit}>
      <FormError error={addWorkspace.error} pointers={['/name']} />
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fieldError(addWorkspace.error, '/name')}
        maxLength={100}
        required
        withAsterisk={false}
        data-autofocus
      />
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={addWorkspace.isPending} disabled={name.trim() === ''}>
          Add workspace
        </Button>
      </Group>
    </form>
  );
}
