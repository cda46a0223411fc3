import { type Logger, runWithTrace } from '@credential-renewal/runtime';
import type { Notification } from '../notification.ts';
import { defaultPreferences, withComplaint } from '../preferences/preferences.ts';
import type { NotificationStore } from '../store/notification-store.ts';
import type { PreferencesStore } from '../store/preferences-store.ts';
import type { ReportStore } from '../store/report-store.ts';
import type { DeliveryReport } from '../transports/delivery-report.ts';
import { applyReport } from './apply-report.ts';

export type AppliedReports = {
  /** They speak of mails that we know, and were new. */
  accepted: number;
  /** Repeated, or of mails that we do not know. */
  ignored: number;
};

/**
 * Applies what mail providers tell; of a complaint also to what its person is mailed from then on. A report's id is remembered after its effect, which is idempotent: a crash in between
 * makes the repetition count as new, and changes nothing.
 */
export function createDeliveryReports(deps: {
  store: NotificationStore;
  preferences: PreferencesStore;
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
    const [part] = parts;
    if (!part) return false;
    if (report.kind === 'complained') await complain(part, report.atMs);
    await deps.reports.remember(report.reportId);
    return true;
  }

  async function complain(part: Notification, atMs: number): Promise<void> {
    const { accountId, recipient, id, episodeId } = part;
    const person = { accountId, userId: recipient.userId };
    await deps.preferences.update(person, (now) => withComplaint(now ?? defaultPreferences, atMs));
    logger.info(
      { notification_id: id, episode_id: episodeId },
      'a mail was marked as unwanted; its recipient gets only what is needed from now on',
    );
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
