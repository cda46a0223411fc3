import { kindOfKey } from '../kind-key.ts';
import type { NotificationKind, NotificationState } from '../notification.ts';

export type CountedKey = { kind: string; state: NotificationState; count: number };

/** The counts of each kind together, whatever its numbers. */
export function sumByKind(
  counted: readonly CountedKey[],
): { kind: NotificationKind; state: NotificationState; count: number }[] {
  const sums = new Map<
    string,
    { kind: NotificationKind; state: NotificationState; count: number }
  >();
  for (const { kind: key, state, count } of counted) {
    const kind = kindOfKey(key);
    const before = sums.get(`${kind} ${state}`)?.count ?? 0;
    sums.set(`${kind} ${state}`, { kind, state, count: before + count });
  }
  return [...sums.values()];
}
