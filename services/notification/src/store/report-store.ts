/** Which reports of mail providers were applied already, by their ids; kept for longer than any provider repeats them. */
export type ReportStore = {
  has(reportId: string): Promise<boolean>;
  /** Idempotent; what is older than 35 days may be forgotten. */
  remember(reportId: string): Promise<void>;
};

/** SendGrid repeats for a day, and signatures older than minutes are refused anyhow; a support case is older. */
export const reportsKeptMs = 35 * 24 * 3_600_000;
