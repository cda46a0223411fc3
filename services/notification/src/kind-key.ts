import { type Notification, type NotificationKind, notificationKinds } from './notification.ts';

/** Days after an expiry at which it is told again while it lasts (semantics 25). */
export const reminderDays = [1, 3, 7] as const;
/** Days before the end of a life that nothing but a renewal prolongs. */
export const warningDays = [7, 1] as const;

/**
 * The kind in the unique key: with its number, where it has one. So the keys of the first release, which knew none, are
 * still what they were.
 */
export function kindKey({ kind, number }: Pick<Notification, 'kind' | 'number'>): string {
  return number === undefined ? kind : `${kind}-${number}`;
}

export function kindOfKey(key: string): NotificationKind {
  const [word] = key.split('-');
  const kind = notificationKinds.find((one) => one === word);
  if (!kind) throw new Error(`a stored notification is of kind ${key}, which is none of ours`);
  return kind;
}

/** All that a kind can stand as in a key. */
export function keysOfKind(kind: NotificationKind): string[] {
  switch (kind) {
    case 'reminder':
      return reminderDays.map((number) => kindKey({ kind, number }));
    case 'expiring':
      return warningDays.map((number) => kindKey({ kind, number }));
    case 'expired':
    case 'recovered':
    case 'delayed':
    case 'escalation':
    case 'drill':
      return [kind];
    default:
      return kind satisfies never;
  }
}
