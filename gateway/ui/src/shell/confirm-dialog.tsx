import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './confirm-dialog.module.css';
import { Dialog } from './dialog.tsx';
import { Notice } from './notice.tsx';

type Props = {
  isOpen: boolean;
  title: string;
  confirm: string;
  children: ReactNode;
  isBusy: boolean;
  error: Error | null;
  onConfirm: () => void;
  onClose: () => void;
};

/** Asks before something that cannot be taken back. The confirming button is dark, not red: red is for renewals. */
export function ConfirmDialog(props: Props) {
  const { isOpen, title, confirm, children, isBusy, error, onConfirm, onClose } = props;
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={title} size={460}>
      {error && (
        <Notice tone="warning" title="That did not work">
          <p>{error.message}</p>
        </Notice>
      )}
      {children}
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <Button className={classes.confirm} loading={isBusy} onClick={onConfirm}>
          {confirm}
        </Button>
      </Group>
    </Dialog>
  );
}
