import type { Connector } from '@credential-renewal/gateway/http-types';
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'react-router';
import { useAddAuthorizedConnection } from '../api/commands.ts';
import { useRenewal } from '../renewal/renewal-context.ts';
import { Dialog } from '../shell/dialog.tsx';
import { FormError, fieldError } from '../shell/form-error.tsx';
import { Catalogue } from '../sources/add-source-dialog.tsx';
import { ConnectorChoice } from '../sources/connector-choice.tsx';
import { areGiven, ParameterFields, parameterPointer } from '../sources/parameter-fields.tsx';

type Props = { isOpen: boolean; onClose: () => void };

export function AddConnectionDialog({ isOpen, onClose }: Props) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Add admin credentials" size={560}>
      <Catalogue>
        {(connectors) => (
          <AddConnectionForm
            connectors={connectors.filter(({ kind }) => kind === 'enterprise')}
            onClose={onClose}
          />
        )}
      </Catalogue>
    </Dialog>
  );
}

type FormProps = { connectors: Connector[]; onClose: () => void };

function AddConnectionForm({ connectors, onClose }: FormProps) {
  const { pathname } = useLocation();
  const [connectorId, setConnectorId] = useState('');
  const [typedName, setTypedName] = useState<string>();
  const [parameters, setParameters] = useState<Record<string, string>>({});
  const addConnection = useAddAuthorizedConnection();
  const renewal = useRenewal();
  const connector = connectors.find(({ id }) => id === connectorId);
  const asked = connector?.parameters ?? [];
  const name = typedName ?? connector?.name ?? '';
  function submit(event: FormEvent) {
    event.preventDefault();
    addConnection.mutate(
      {
        ...{ connectorId, name: name.trim(), returnTo: pathname },
        ...(asked.length > 0 && { parameters }),
      },
      {
        onSuccess: ({ authorization }) => {
          onClose();
          renewal.leave(authorization);
        },
      },
    );
  }
  return (
    <form onSubmit={submit}>
      <FormError
        error={addConnection.error}
        pointers={['/name', ...asked.map((parameter) => parameterPointer(parameter.name))]}
      />
      <Stack gap="md">
        <ConnectorChoice
          label="Connector"
          connectors={connectors}
          value={connectorId}
          onChange={(id) => {
            setConnectorId(id);
            setParameters({});
          }}
        />
        <ParameterFields
          parameters={asked}
          values={parameters}
          error={addConnection.error}
          onChange={setParameters}
        />
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setTypedName(event.currentTarget.value)}
          error={fieldError(addConnection.error, '/name')}
          maxLength={100}
        />
      </Stack>
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          type="submit"
          loading={addConnection.isPending}
          disabled={connectorId === '' || name.trim() === '' || !areGiven(asked, parameters)}
        >
          Add credentials
        </Button>
      </Group>
    </form>
  );
}
