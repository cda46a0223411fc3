import { IconShieldPlus } from '@tabler/icons-react';
import classes from './status-badge.module.css';

/** Beside the status of something that works: nothing has died, so it is never red. */
export function MoreAccessBadge() {
  return (
    <span className={classes.badge} data-tone="info">
      <IconShieldPlus size={16} stroke={1.9} aria-hidden />
      More access needed
    </span>
  );
}
