import type { Explanation, Notification } from './notification.ts';
import type { Preferences } from './preferences.ts';
import { isStillTrue, type WatchedCredential } from './watched-credential.ts';

const dayMs = 24 * 3_600_000;

/** Why a notification that is due is not to go out after all; undefined: it is. Asked right before sending, of what is newest. */
export function noLongerToSend(
  notification: Notification,
  now: { credential: WatchedCredential | undefined; reader: Preferences; nowMs: number },
): Explanation['code'] | undefined {
  if (!isStillTrue(notification, now.credential)) return 'over';
  if (now.reader.timing === 'in_app_only') return 'in_app_only';
  switch (notification.kind) {
    case 'reminder':
      return now.reader.reminders ? undefined : 'reminders_off';
    case 'expiring':
      return isOvertaken(notification, now.nowMs) ? 'over' : undefined;
    case 'expired':
    case 'recovered':
    case 'delayed':
    case 'escalation':
    case 'drill':
      return undefined;
    default:
      return notification.kind satisfies never;
  }
}

/** The later warning is due as well, or the life has ended: an early one that comes so late only confuses. */
function isOvertaken({ number = 0, expiresAtMs = 0 }: Notification, nowMs: number): boolean {
  return nowMs >= expiresAtMs || (number > 1 && nowMs >= expiresAtMs - dayMs);
}
