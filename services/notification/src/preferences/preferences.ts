/** How a person wants to be told (semantics 28). */
export type Preferences = {
  timing: 'immediate' | 'daily_digest' | 'in_app_only';
  /** Mails again after 1, 3 and 7 days. */
  reminders: boolean;
  /**
   * The latest moment at which they told their mail provider that a mail of ours is unwanted. `over`: they have wanted mails again since. It is kept then, so that
   * the same complaint, told once more, is known.
   */
  complaint?: { atMs: number; over?: boolean };
};

/** Of who never chose. */
export const defaultPreferences: Preferences = { timing: 'immediate', reminders: true };

/** Only what is needed is to be mailed to them. */
export function hasComplained({ complaint }: Preferences): boolean {
  return complaint !== undefined && !complaint.over;
}

/** After a complaint: as after an unsubscription, and more. An earlier one that is told late changes nothing. */
export function withComplaint(now: Preferences, atMs: number): Preferences {
  if (now.complaint && atMs <= now.complaint.atMs) return now;
  return { ...now, reminders: false, complaint: { atMs } };
}

/** What somebody chooses. Who wants reminders wants mails. */
export function chosenAfter(
  { complaint }: Preferences,
  chosen: Omit<Preferences, 'complaint'>,
): Preferences {
  if (!complaint) return chosen;
  return { ...chosen, complaint: chosen.reminders ? { ...complaint, over: true } : complaint };
}

/** The next time at which the daily digests go out, after `nowMs`. */
export function nextDailyDigestMs(nowMs: number, hourUtc: number): number {
  const today = new Date(nowMs);
  const at = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate(), hourUtc);
  return at > nowMs ? at : at + 24 * 3_600_000;
}
