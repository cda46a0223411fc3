import { mongoInbox } from '@credential-renewal/events/mongo';
import type { Clock, Logger } from '@credential-renewal/runtime';
import type { MongoSettings } from '@credential-renewal/storage';
import { openMongo } from '@credential-renewal/storage/mongo';
import { consumerGroup } from '../notice/consumer-group.ts';
import { createMailClaims } from './mongo-mail-claims.ts';
import { createMongoMailboxStore } from './mongo-mailbox-store.ts';
import { openDeliveryDocuments } from './mongo-notification-documents.ts';
import { notificationSchema } from './mongo-notification-schema.ts';
import { createMongoNotificationStore } from './mongo-notification-store.ts';
import { createMongoPreferencesStore } from './mongo-preferences-store.ts';
import { createMongoReportStore } from './mongo-report-store.ts';
import type { NotificationStores } from './open-notification-stores.ts';

export async function openMongoNotificationStores(
  settings: MongoSettings,
  deps: { clock: Clock; logger: Logger },
): Promise<NotificationStores> {
  const database = await openMongo(settings, notificationSchema, deps);
  const { notifications, mails } = openDeliveryDocuments(database);
  const claims = createMailClaims({ notifications, mails, clock: deps.clock });
  return {
    notifications: createMongoNotificationStore({ database, notifications, claims }),
    mailbox: createMongoMailboxStore({ mails, claims, clock: deps.clock }),
    preferences: createMongoPreferencesStore(database),
    reports: createMongoReportStore(database, deps.clock),
    inbox: mongoInbox(database, consumerGroup, deps.clock),
    problem: database.problem,
    close: database.close,
  };
}
