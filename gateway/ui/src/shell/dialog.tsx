import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './dialog.module.css';
import { useFocusAfterDialog } from './focus-after-dialog.ts';

type Props = {
  isOpen: boolean;
  title: string;
  size?: number;
  onClose: () => void;
  children: ReactNode;
};

/**
 * Every dialog of the pages. Its heading is no `<header>`, as Mantine's own is: outside of `<main>` that would be a
 * second banner of the page.
 */
export function Dialog({ isOpen, title, size = 480, onClose, children }: Props) {
  const focusAfter = useFocusAfterDialog(isOpen);
  return (
    <Modal.Root
      opened={isOpen}
      onClose={onClose}
      onExitTransitionEnd={focusAfter}
      size={size}
      centered
    >
      <Modal.Overlay backgroundOpacity={0.4} />
      <Modal.Content radius="lg" className={classes.content}>
        <div className={classes.heading}>
          <Modal.Title className={classes.title}>{title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </div>
        <Modal.Body className={classes.body}>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
