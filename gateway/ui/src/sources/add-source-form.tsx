import type { Connector, Named } from '@credential-renewal/gateway/http-types';
import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'react-router';
import { useAddSource } from '../api/commands.ts';
import { useWorkspaceChoice } from '../api/queries.ts';
import { useRenewal } from '../renewal/renewal-context.ts';
import { useAnnounce } from '../shell/announcer.tsx';
import { FormError, fieldError } from '../shell/form-error.tsx';
import { ConnectionChoice } from './connection-choice.tsx';
import { ConnectorChoice } from './connector-choice.tsx';
import { areGiven, ParameterFields, parameterPointer } from './parameter-fields.tsx';

type Props = { connectors: Connector[]; workspace?: Named; onClose: () => void };

export function AddSourceForm({ connectors, workspace, onClose }: Props) {
  const [connectorId, setConnectorId] = useState('');
  const [typedName, setTypedName] = useState<string>();
  const [workspaceId, setWorkspaceId] = useState(workspace?.id ?? '');
  const [connectionId, setConnectionId] = useState('');
  const [parameters, setParameters] = useState<Record<string, string>>({});
  const { error, isPending, add } = useAddAndLeave(onClose);

  const connector = connectors.find(({ id }) => id === connectorId);
  const isEnterprise = connector?.kind === 'enterprise';
  // An authorized connection has been told already.
  const asked = isEnterprise ? [] : (connector?.parameters ?? []);
  const name = typedName ?? connector?.name ?? '';
  const isComplete =
    connector !== undefined &&
    name.trim() !== '' &&
    (!isEnterprise || connectionId !== '') &&
    areGiven(asked, parameters);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!isComplete) return;
    add({
      connectorId,
      name: name.trim(),
      ...(workspaceId !== '' && { workspaceId }),
      ...(isEnterprise && { authorizedConnectionId: connectionId }),
      ...(asked.length > 0 && { parameters }),
    });
  }

  return (
    <form onSubmit={submit}>
      <FormError
        error={error}
        pointers={['/name', ...asked.map((parameter) => parameterPointer(parameter.name))]}
      />
      <Stack gap="md">
        <ConnectorChoice
          label="Connector"
          connectors={connectors}
          value={connectorId}
          onChange={(id) => {
            setConnectorId(id);
            setConnectionId('');
            setParameters({});
          }}
        />
        {isEnterprise && (
          <ConnectionChoice connector={connector} value={connectionId} onChange={setConnectionId} />
        )}
        <ParameterFields
          parameters={asked}
          values={parameters}
          error={error}
          onChange={setParameters}
        />
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setTypedName(event.currentTarget.value)}
          error={fieldError(error, '/name')}
          maxLength={100}
        />
        {workspace === undefined && (
          <WorkspaceChoice value={workspaceId} onChange={setWorkspaceId} />
        )}
      </Stack>
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={isPending} disabled={!isComplete}>
          Add source
        </Button>
      </Group>
    </form>
  );
}

/** Adds the source, then shows the step before leaving; a source on an authorized connection needs no such step. */
function useAddAndLeave(onClose: () => void) {
  const { pathname } = useLocation();
  const addSource = useAddSource();
  const renewal = useRenewal();
  const announce = useAnnounce();
  return {
    error: addSource.error,
    isPending: addSource.isPending,
    add(source: Parameters<typeof addSource.mutate>[0]) {
      addSource.mutate(
        { ...source, returnTo: pathname },
        {
          onSuccess: ({ authorization }) => {
            onClose();
            if (authorization === null) announce(`${source.name} was added.`);
            else renewal.leave(authorization);
          },
        },
      );
    },
  };
}

type WorkspaceChoiceProps = { value: string; onChange: (workspaceId: string) => void };

function WorkspaceChoice({ value, onChange }: WorkspaceChoiceProps) {
  const workspaces = useWorkspaceChoice();
  if (workspaces.data?.length === 0) return null;
  return (
    <NativeSelect
      label="Workspace"
      description="Its members see the source and how it stands."
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[
        { value: '', label: 'None, only mine' },
        ...(workspaces.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
      ]}
    />
  );
}
