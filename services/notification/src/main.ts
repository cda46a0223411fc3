import { openEventLog, readEventLogSettings } from '@credential-renewal/events';
import { runService } from '@credential-renewal/runtime';
import { readNotificationConfig, startNotification } from './index.ts';

/** Notification as a process of its own. */
await runService({
  name: 'notification',
  env: process.env,
  internalPort: 9054,
  readConfig: readNotificationConfig,
  readEventLogSettings,
  openEventLog,
  start: startNotification,
});
