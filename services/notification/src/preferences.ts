/** How a person wants to be told (semantics 28). */
export type Preferences = {
  timing: 'immediate' | 'daily_digest' | 'in_app_only';
  /** Mails again after 1, 3 and 7 days. */
  reminders: boolean;
};

/** Of who never chose. */
export const defaultPreferences: Preferences = { timing: 'immediate', reminders: true };

/** The next time at which the daily digests go out, after `nowMs`. */
export function nextDailyDigestMs(nowMs: number, hourUtc: number): number {
  const today = new Date(nowMs);
  const at = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate(), hourUtc);
  return at > nowMs ? at : at + 24 * 3_600_000;
}
