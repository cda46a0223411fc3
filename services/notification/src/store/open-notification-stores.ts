import { type Inbox, sqliteInbox } from '@credential-renewal/events';
import {
  type Clock,
  degraded,
  type Logger,
  type ReadinessAnswer,
} from '@credential-renewal/runtime';
import type { StoreSettings } from '@credential-renewal/storage';
import { consumerGroup } from '../notice/consumer-group.ts';
import type { MailboxStore } from './mailbox-store.ts';
import type { NotificationStore } from './notification-store.ts';
import type { PreferencesStore } from './preferences-store.ts';
import type { ReportStore } from './report-store.ts';
import { createSqliteMailboxStore } from './sqlite-mailbox-store.ts';
import { openNotificationDatabase } from './sqlite-notification-database.ts';
import { createSqliteNotificationStore } from './sqlite-notification-store.ts';
import { createSqlitePreferencesStore } from './sqlite-preferences-store.ts';
import { createSqliteReportStore } from './sqlite-report-store.ts';

export type NotificationStores = {
  notifications: NotificationStore;
  mailbox: MailboxStore;
  preferences: PreferencesStore;
  reports: ReportStore;
  inbox: Inbox;
  /** What is wrong with it. A file that cannot be written to is read on by the one process that has it, so it takes no calls away. */
  problem(): ReadinessAnswer;
  close(): Promise<void>;
};

/** The engine is chosen here. Throws the named errors of packages/storage where it cannot be used. */
export async function openNotificationStores(
  settings: StoreSettings,
  deps: { clock: Clock; logger: Logger },
): Promise<NotificationStores> {
  switch (settings.engine) {
    case 'sqlite': {
      const database = openNotificationDatabase(settings.path);
      return {
        notifications: createSqliteNotificationStore(database),
        mailbox: createSqliteMailboxStore(database),
        preferences: createSqlitePreferencesStore(database),
        reports: createSqliteReportStore(database, deps.clock),
        inbox: sqliteInbox(database, consumerGroup, deps.clock),
        problem: () => degraded(database.problem()),
        close: () => database.close(),
      };
    }
    case 'mongodb': {
      // Only when it is used: mongoose is heavy.
      const { openMongoNotificationStores } = await import('./open-mongo-notification-stores.ts');
      return openMongoNotificationStores(settings, deps);
    }
    default:
      return settings satisfies never;
  }
}
