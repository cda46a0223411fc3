import {
  type MongoDatabase,
  type MongoDocuments,
  openDocuments,
} from '@credential-renewal/storage/mongo';
import { kindKey } from '../kind-key.ts';
import { type Notification, waitingSinceMs } from '../notification.ts';
import type { StoredMail } from './mailbox-store.ts';

/** One try to send a mail; `mongo-mail-claims.ts` says what it is for. Without `pendingSinceMs` the mail is out. */
type MailAttempt = { mail: StoredMail; pendingSinceMs: number | undefined };

/** The two collections that a delivery touches. */
export type DeliveryDocuments = {
  notifications: MongoDocuments<Notification>;
  mails: MongoDocuments<MailAttempt>;
};

/**
 * What stands in `state` beside a document that waits. The release before this one sends whatever is `waiting`, and knows two kinds
 * only; while an upgrade rolls out it may go on, so the others wait under another word.
 */
export const waitingWords = ['waiting', 'unsent'];
const kindsOfFirstRelease: readonly string[] = ['expired', 'recovered'];

function stateWord({ kind, state }: Notification): string {
  return state === 'waiting' && !kindsOfFirstRelease.includes(kind) ? 'unsent' : state;
}

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
        daily: Boolean,
        dueAtMs: Number,
        createdAtMs: Number,
        escalate: Boolean,
        mailId: String,
        // Not of the document: a change of it leaves them alone.
        claimToken: String,
        claimedAtMs: Number,
      },
      fieldsOf: (notification) => {
        const { episodeId, recipient, credentialId, episodeOpen, inDigest, dueAtMs, mailId } =
          notification;
        return {
          kind: kindKey(notification),
          state: stateWord(notification),
          ...{ episodeId, userId: recipient.userId, credentialId, episodeOpen },
          ...{ inDigest, daily: notification.daily || undefined, dueAtMs, mailId },
          createdAtMs: waitingSinceMs(notification),
          escalate: notification.escalate || undefined,
        };
      },
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
