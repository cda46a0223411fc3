import type { NotificationDeliveryServiceService } from '@credential-renewal/proto/notification/v1/deliveries';
import type { NotificationServiceService } from '@credential-renewal/proto/notification/v1/notification';
import type { NotificationPreferencesServiceService } from '@credential-renewal/proto/notification/v1/preferences';
import type { CallersOf } from '@credential-renewal/rpc';

/** Who may call what. The mailbox of a test or demo holds links for other people: nobody but an operator reads it. */
export const notificationCallers: CallersOf<typeof NotificationServiceService> = {
  listMails: ['operator'],
  getMail: ['operator'],
};

export const preferencesCallers: CallersOf<typeof NotificationPreferencesServiceService> = {
  getPreferences: ['gateway'],
  setPreferences: ['gateway'],
  describeUnsubscribe: ['gateway'],
  unsubscribe: ['gateway'],
};

export const deliveryCallers: CallersOf<typeof NotificationDeliveryServiceService> = {
  listDeliveries: ['gateway'],
  receiveDeliveryReports: ['gateway'],
};
