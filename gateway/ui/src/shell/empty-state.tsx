import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './empty-state.module.css';

type Props = { icon: ReactNode; title: string; text: string; action?: ReactNode };

/** A list with nothing in it, or a page with nothing to show: says why and what to do. */
export function EmptyState({ icon, title, text, action }: Props) {
  return (
    <div className={classes.box}>
      <div className={classes.icon} aria-hidden>
        {icon}
      </div>
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text c="dimmed" maw={440}>
        {text}
      </Text>
      {action && <div className={classes.action}>{action}</div>}
    </div>
  );
}
