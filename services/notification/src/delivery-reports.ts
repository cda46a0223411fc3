import { type Logger, runWithTrace } from '@credential-renewal/runtime';
import { applyReport } from './apply-report.ts';
import type { Notification } from './notification.ts';
import type { NotificationStore } from './store/notification-store.ts';
import type { ReportStore } from './store/report-store.ts';
import type { DeliveryReport } from './transports/delivery-report.ts';

export type AppliedReports = {
  /** They speak of mails that we know, and were new. */
  accepted: number;
  /** Repeated, or of mails that we do not know. */
  ignored: number;
};

/**
 * Applies what mail providers tell. A report's id is remembered after its effect, which is idempotent: a crash in between
 * makes the repetition count as new, and changes nothing.
 */
export function createDeliveryReports(deps: {
  store: NotificationStore;
  reports: ReportStore;
  logger: Logger;
  /** Somebody may have to be told instead. */
  onChanged: () => void;
}): (reports: readonly DeliveryReport[]) => Promise<AppliedReports> {
  const { store, logger } = deps;

  async function apply(report: DeliveryReport): Promise<boolean> {
    if (await deps.reports.has(report.reportId)) return false;
    const parts = await store.listOfMail(report.mailId);
    for (const part of parts) {
      const after = await store.update(part.id, (now) => applyReport(now, report));
      if (after.state !== part.state) log(after);
    }
    if (parts.length === 0) return false;
    await deps.reports.remember(report.reportId);
    return true;
  }

  function log({ id, episodeId, mailId, state, traceparent }: Notification): void {
    runWithTrace(traceparent, () =>
      logger.info(
        { notification_id: id, episode_id: episodeId, mail_id: mailId, state },
        'a mail provider told what became of a mail',
      ),
    );
  }

  return async (reports) => {
    let accepted = 0;
    for (const report of reports) if (await apply(report)) accepted++;
    deps.onChanged();
    return { accepted, ignored: reports.length - accepted };
  };
}
