import { join } from 'node:path';
import { temporaryDirectory } from '../testing/start-room.ts';
import { notificationStoreContract } from './notification-store.contract.ts';
import { openNotificationDatabase } from './sqlite-notification-database.ts';
import { createSqliteNotificationStore } from './sqlite-notification-store.ts';

notificationStoreContract('sqlite', async () => {
  const path = join(temporaryDirectory(), 'notification.db');
  let database = openNotificationDatabase(path);
  return {
    store: createSqliteNotificationStore(database),
    async reopen() {
      await database.close();
      database = openNotificationDatabase(path);
      return createSqliteNotificationStore(database);
    },
    close: () => database.close(),
  };
});
