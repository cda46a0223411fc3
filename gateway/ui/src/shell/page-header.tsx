import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './page-header.module.css';

type Props = {
  title: string;
  /** One line under the title. */
  summary?: ReactNode;
  above?: ReactNode;
  action?: ReactNode;
};

/** The heading of a page, which also names the browser's tab. */
export function PageHeader({ title, summary, above, action }: Props) {
  return (
    <div className={classes.header}>
      <title>{`${title} · Credential Renewal`}</title>
      <div className={classes.words}>
        {above}
        <Title order={1} className={classes.title}>
          {title}
        </Title>
        <p className={classes.summary}>{summary}</p>
      </div>
      {action && <div className={classes.action}>{action}</div>}
    </div>
  );
}
