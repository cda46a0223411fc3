import { CloseButton } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode, Ref } from 'react';
import classes from './notice.module.css';

export type NoticeTone = 'ok' | 'info' | 'warning';

type Props = {
  tone: NoticeTone;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  onDismiss?: () => void;
  ref?: Ref<HTMLDivElement>;
};

/** A message above a page or inside a dialog. Never red: red is for what waits to be renewed. */
export function Notice({ tone, title, children, actions, onDismiss, ref }: Props) {
  return (
    <div
      ref={ref}
      className={classes.notice}
      data-tone={tone}
      role={tone === 'warning' ? 'alert' : 'status'}
      tabIndex={-1}
    >
      <span className={classes.icon}>{iconOf(tone)}</span>
      <div className={classes.body}>
        <p className={classes.title}>{title}</p>
        {children && <div className={classes.text}>{children}</div>}
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
      {onDismiss && (
        <CloseButton
          className={classes.close}
          aria-label="Dismiss"
          variant="transparent"
          onClick={onDismiss}
        />
      )}
    </div>
  );
}

function iconOf(tone: NoticeTone) {
  switch (tone) {
    case 'ok':
      return <IconCircleCheck size={22} stroke={1.8} aria-hidden />;
    case 'info':
      return <IconInfoCircle size={22} stroke={1.8} aria-hidden />;
    case 'warning':
      return <IconAlertTriangle size={22} stroke={1.8} aria-hidden />;
    default:
      return tone satisfies never;
  }
}
