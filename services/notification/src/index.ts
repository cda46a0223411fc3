export { deliveryCallers, notificationCallers, preferencesCallers } from './callers.ts';
export { type NotificationConfig, readNotificationConfig } from './config.ts';
export {
  type NotificationDeps,
  type RunningNotification,
  startNotification,
} from './start.ts';
