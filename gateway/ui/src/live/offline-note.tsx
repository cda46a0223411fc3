import { IconCloudOff } from '@tabler/icons-react';
import { useLiveState } from './live-updates.tsx';
import classes from './offline-note.module.css';

export function OfflineNote() {
  const isLost = useLiveState() === 'lost';
  return (
    <div role="status" className={classes.place}>
      {isLost && (
        <span className={classes.note}>
          <IconCloudOff size={17} stroke={1.8} aria-hidden />
          Offline, showing what we last knew
        </span>
      )}
    </div>
  );
}
