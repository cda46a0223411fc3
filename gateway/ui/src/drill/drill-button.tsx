import type { WaitingDrill } from '@credential-renewal/gateway/http-types';
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconFingerprint, IconFlag } from '@tabler/icons-react';
import classes from './drill-button.module.css';
import { useDrillReactions } from './drill-context.ts';
import type { DrillPlace } from './drill-place.ts';

type Props = { drill: WaitingDrill | null; place: DrillPlace; describedBy?: string };

const label = 'Drill: renew credentials';

/** Stands where the red button would stand. Striped, dashed and never red, and its first word is "Drill". */
export function DrillButton({ drill, place, describedBy }: Props) {
  const { react } = useDrillReactions();
  if (drill === null) return null;
  return (
    <Button
      size="sm"
      variant="default"
      className={classes.drill}
      leftSection={<IconFlag size={16} stroke={1.9} aria-hidden />}
      data-renew
      data-drill
      aria-describedby={describedBy}
      onClick={() => react(place, drill)}
    >
      {label}
    </Button>
  );
}

/** The workspace's fingerprint; the word stands beside it, since stripes alone say nothing. */
export function DrillFingerprint({ drill, place, describedBy }: Props) {
  const { react } = useDrillReactions();
  if (drill === null) return null;
  return (
    <span className={classes.marked}>
      <Tooltip label={label}>
        <ActionIcon
          size={34}
          variant="default"
          className={classes.drill}
          data-renew
          data-drill
          aria-label={label}
          aria-describedby={describedBy}
          onClick={() => react(place, drill)}
        >
          <IconFingerprint size={21} stroke={1.8} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <span className={classes.word} aria-hidden>
        Drill
      </span>
    </span>
  );
}
