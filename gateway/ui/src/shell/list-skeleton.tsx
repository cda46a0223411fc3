import { Skeleton } from '@mantine/core';
import classes from './list-skeleton.module.css';

/** A list that is being read for the first time. */
export function ListSkeleton({ label, rows = 4 }: { label: string; rows?: number }) {
  return (
    <div className={classes.list} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never change places
        <div key={row} className={classes.row}>
          <Skeleton height={32} width={32} radius={9} />
          <Skeleton height={14} width="32%" />
          <Skeleton height={14} width="18%" className={classes.wide} />
          <Skeleton height={22} width={96} radius="xl" />
        </div>
      ))}
    </div>
  );
}
