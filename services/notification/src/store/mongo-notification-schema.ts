import { inboxCollection, inboxIndex } from '@credential-renewal/events/mongo';
import { ensureIndexes, type MongoSchema } from '@credential-renewal/storage/mongo';

/** Notification's MongoDB database: an index for every question that its stores ask. */
export const notificationSchema: MongoSchema = {
  service: 'notification',
  migrations: [
    {
      description: 'indexes of notifications and mails',
      oldestRelease: 1,
      async run(database) {
        await ensureIndexes(database, 'notifications', [
          { name: 'episode', key: { episodeId: 1, userId: 1, kind: 1 }, unique: true },
          { name: 'open', key: { credentialId: 1, kind: 1, episodeOpen: 1 } },
          { name: 'waiting', key: { state: 1, dueAtMs: 1, _id: 1 } },
          { name: 'digest', key: { userId: 1, kind: 1, state: 1, inDigest: 1, dueAtMs: 1 } },
          { name: 'oldest', key: { state: 1, createdAtMs: 1 } },
          { name: 'count', key: { state: 1, kind: 1 } },
          { name: 'claim', key: { claimToken: 1 }, sparse: true },
        ]);
        // Sparse: an attempt whose mail is not out yet stands in none but the last.
        await ensureIndexes(database, 'mails', [
          { name: 'mail', key: { mailId: 1 }, sparse: true },
          { name: 'newest', key: { sentAtMs: -1, mailId: -1 }, sparse: true },
          { name: 'to', key: { toAddress: 1, sentAtMs: -1, mailId: -1 }, sparse: true },
          { name: 'pending', key: { pendingSinceMs: 1 }, sparse: true },
        ]);
        await ensureIndexes(database, inboxCollection, [inboxIndex]);
      },
    },
    {
      description: 'indexes of due mails, deliveries, reports and delays',
      oldestRelease: 1,
      async run(database) {
        await ensureIndexes(database, 'notifications', [
          { name: 'due', key: { state: 1, inDigest: 1, dueAtMs: 1, _id: 1 } },
          { name: 'credential', key: { credentialId: 1, _id: -1 } },
          { name: 'mail', key: { mailId: 1, _id: 1 }, sparse: true },
          { name: 'escalate', key: { escalate: 1, _id: 1 }, sparse: true },
        ]);
        await ensureIndexes(database, 'credentials', [
          { name: 'delayed', key: { delayedSinceMs: 1 }, sparse: true },
        ]);
        await ensureIndexes(database, 'delivery_reports', [{ name: 'old', key: { atMs: 1 } }]);
      },
    },
  ],
};
