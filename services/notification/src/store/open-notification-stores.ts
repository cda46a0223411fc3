import type { StoreSettings } from '@credential-renewal/storage';
import type { MailboxStore } from './mailbox-store.ts';
import type { NotificationStore } from './notification-store.ts';
import { createSqliteMailboxStore } from './sqlite-mailbox-store.ts';
import { openNotificationDatabase } from './sqlite-notification-database.ts';
import { createSqliteNotificationStore } from './sqlite-notification-store.ts';

export type NotificationStores = {
  notifications: NotificationStore;
  mailbox: MailboxStore;
  close(): Promise<void>;
};

/** The engine is chosen here. Throws the named errors of packages/storage where it cannot be used. */
export async function openNotificationStores(settings: StoreSettings): Promise<NotificationStores> {
  switch (settings.engine) {
    case 'sqlite': {
      const database = openNotificationDatabase(settings.path);
      return {
        notifications: createSqliteNotificationStore(database),
        mailbox: createSqliteMailboxStore(database),
        close: () => database.close(),
      };
    }
    case 'mongodb':
      throw new Error('not yet');
    default:
      return settings satisfies never;
  }
}
