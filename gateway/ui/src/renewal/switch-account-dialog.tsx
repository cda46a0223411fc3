import type { AuthorizationOutcome } from '@credential-renewal/gateway/http-types';
import { Button, Group } from '@mantine/core';
import { Dialog } from '../shell/dialog.tsx';

type Props = {
  isOpen: boolean;
  outcome: AuthorizationOutcome;
  onClose: () => void;
  onSwitch: () => void;
};

/** Switching accounts changes whose data is read, so it is a choice of its own, with its consequence spelled out. */
export function SwitchAccountDialog({ isOpen, outcome, onClose, onSwitch }: Props) {
  const { providerName, expectedAccount, heals } = outcome;
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Switch account" size={480}>
      <p style={{ marginTop: 0 }}>
        From now on these sources would read the data of another {providerName} account
        {expectedAccount === null ? '' : ` instead of ${expectedAccount}`}:
      </p>
      <ul>
        {heals.map(({ id, name }) => (
          <li key={id}>{name}</li>
        ))}
      </ul>
      <p>The switch is recorded in their history, under your name.</p>
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <Button onClick={onSwitch}>Switch account</Button>
      </Group>
    </Dialog>
  );
}
