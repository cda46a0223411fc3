import type { CredentialStatus } from '@credential-renewal/gateway/http-types';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconClockExclamation,
  IconHourglass,
  IconLockExclamation,
} from '@tabler/icons-react';
import { statusTone, statusWords } from './credential-status.ts';
import classes from './status-badge.module.css';

type Props = { status: CredentialStatus; canRenew: boolean };

/** Icon and words; the colour only adds to them. */
export function StatusBadge({ status, canRenew }: Props) {
  const Icon = iconOf(status);
  return (
    <span className={classes.badge} data-tone={statusTone(status, canRenew)} data-status={status}>
      <Icon size={16} stroke={1.9} aria-hidden />
      {statusWords(status)}
    </span>
  );
}

function iconOf(status: CredentialStatus) {
  switch (status) {
    case 'pending':
      return IconCircleDashed;
    case 'healthy':
      return IconCircleCheck;
    case 'expiring':
      return IconClockExclamation;
    case 'delayed':
      return IconHourglass;
    case 'expired':
      return IconAlertTriangle;
    case 'insufficient_scope':
      return IconLockExclamation;
    default:
      return status satisfies never;
  }
}
