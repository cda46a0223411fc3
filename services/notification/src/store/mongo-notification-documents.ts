import {
  type MongoDatabase,
  type MongoDocuments,
  openDocuments,
} from '@credential-renewal/storage/mongo';
import type { Notification } from '../notification.ts';
import type { StoredMail } from './mailbox-store.ts';

/** One try to send a mail; `mongo-mail-claims.ts` says what it is for. Without `pendingSinceMs` the mail is out. */
type MailAttempt = { mail: StoredMail; pendingSinceMs: number | undefined };

/** The two collections that a delivery touches. */
export type DeliveryDocuments = {
  notifications: MongoDocuments<Notification>;
  mails: MongoDocuments<MailAttempt>;
};

export function openDeliveryDocuments(database: MongoDatabase): DeliveryDocuments {
  return {
    notifications: openDocuments<Notification>({
      ...{ database, name: 'notifications', schemaVersion: 1 },
      fields: {
        kind: String,
        episodeId: String,
        userId: String,
        credentialId: String,
        state: String,
        episodeOpen: Boolean,
        inDigest: Boolean,
        dueAtMs: Number,
        createdAtMs: Number,
        // Not of the document: a change of it leaves them alone.
        claimToken: String,
        claimedAtMs: Number,
      },
      fieldsOf: ({ kind, episodeId, recipient, credentialId, state, ...more }) => ({
        ...{ kind, episodeId, userId: recipient.userId, credentialId, state },
        ...{ episodeOpen: more.episodeOpen, inDigest: more.inDigest },
        ...{ dueAtMs: more.dueAtMs, createdAtMs: more.createdAtMs },
      }),
    }),

    mails: openDocuments<MailAttempt>({
      ...{ database, name: 'mails', schemaVersion: 1 },
      fields: { mailId: String, toAddress: String, sentAtMs: Number, pendingSinceMs: Number },
      fieldsOf: ({ pendingSinceMs, mail: { id, to, sentAtMs } }) =>
        pendingSinceMs === undefined
          ? { mailId: id, toAddress: to.address.toLowerCase(), sentAtMs, pendingSinceMs }
          : { pendingSinceMs },
    }),
  };
}
