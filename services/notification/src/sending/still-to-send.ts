import { isStillTrue, type WatchedCredential } from '../notice/watched-credential.ts';
import type { Explanation, Notification } from '../notification.ts';
import { hasComplained, type Preferences } from '../preferences/preferences.ts';

const dayMs = 24 * 3_600_000;

/** Why a notification that is due is not to go out after all; undefined: it is. Asked right before sending, of what is newest. */
export function noLongerToSend(
  notification: Notification,
  now: { credential: WatchedCredential | undefined; reader: Preferences; nowMs: number },
): Explanation['code'] | undefined {
  if (!isStillTrue(notification, now.credential)) return 'over';
  if (now.reader.timing === 'in_app_only') return 'in_app_only';
  if (hasComplained(now.reader) && !isNeeded(notification)) return 'unwanted';
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

/**
 * What nobody else is told of. It goes to somebody who has complained as well: a provider that sends them nothing more, as SendGrid does, says so, and an
 * administrator is told instead (semantics 26). Kept back by us, nobody would learn that the source stands still.
 */
function isNeeded({ kind }: Notification): boolean {
  switch (kind) {
    case 'expired':
    case 'escalation':
      return true;
    case 'reminder':
    case 'expiring':
    case 'recovered':
    case 'delayed':
    case 'drill':
      return false;
    default:
      return kind satisfies never;
  }
}

/** The later warning is due as well, or the life has ended: an early one that comes so late only confuses. */
function isOvertaken({ number = 0, expiresAtMs = 0 }: Notification, nowMs: number): boolean {
  return nowMs >= expiresAtMs || (number > 1 && nowMs >= expiresAtMs - dayMs);
}
