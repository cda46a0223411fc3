import { type MongoDatabase, openDocuments } from '@credential-renewal/storage/mongo';
import type { DeliveryWindow } from '../delivery.ts';
import { NotificationNotFoundError } from '../errors.ts';
import type { Notification, NotificationKind } from '../notification.ts';
import type { WatchedCredential } from '../watched-credential.ts';
import type { MailClaims } from './mongo-mail-claims.ts';
import type { DeliveryDocuments } from './mongo-notification-documents.ts';
import type { NotificationStore } from './notification-store.ts';

/** As text: an int64 does not fit into the numbers that the driver answers with. */
type CredentialDocument = Omit<WatchedCredential, 'version'> & { version: string };

type Counted = { _id: { kind: NotificationKind; state: Notification['state'] }; count: number };

const states: readonly Notification['state'][] = ['waiting', 'sent', 'cancelled', 'failed'];

export function createMongoNotificationStore(deps: {
  database: MongoDatabase;
  notifications: DeliveryDocuments['notifications'];
  claims: MailClaims;
}): NotificationStore {
  const { database, notifications, claims } = deps;
  const windows = openDocuments<DeliveryWindow>({
    ...{ database, name: 'delivery_windows', schemaVersion: 1 },
    ...{ fields: {}, fieldsOf: () => ({}) },
  });
  const credentials = openDocuments<CredentialDocument>({
    ...{ database, name: 'credentials', schemaVersion: 1 },
    ...{ fields: {}, fieldsOf: () => ({}) },
  });

  const readCredential = async (credentialId: string) => {
    const record = await credentials.find(credentialId);
    return record && { record, credential: fromDocument(record.document) };
  };

  return {
    create: (notification) => notifications.insert(notification.id, notification),

    async find({ episodeId, userId, kind }) {
      return (await notifications.first({ where: { episodeId, userId, kind } }))?.document;
    },

    async update(id, transition) {
      for (;;) {
        const record = await notifications.find(id);
        if (!record) throw new NotificationNotFoundError(id);
        const { document, version, claimToken } = record;
        if (claimToken) {
          await claims.settle(String(claimToken));
          continue;
        }
        const after = transition(document);
        if (after === document || (await notifications.replace(id, version, after))) return after;
      }
    },

    async listOpenOfCredential(credentialId) {
      const open = await notifications.list({
        where: { credentialId, kind: 'expired', episodeOpen: true },
        sort: { _id: 1 },
      });
      return open.map(({ document }) => document);
    },

    async firstWaiting() {
      const first = await notifications.first({
        where: { state: 'waiting', ...claims.unclaimed() },
        sort: { dueAtMs: 1, _id: 1 },
      });
      return first?.document;
    },

    async listDueDigest(userId, kind, nowMs) {
      const due = await notifications.list({
        where: {
          ...{ userId, kind, state: 'waiting', inDigest: true, dueAtMs: { $lte: nowMs } },
          ...claims.unclaimed(),
        },
        sort: { _id: 1 },
      });
      return due.map(({ document }) => document);
    },

    async admit(userId, kind, transition) {
      const id = `${kind} ${userId}`;
      for (;;) {
        const now = await windows.find(id);
        const answer = transition(now?.document);
        const written = now
          ? await windows.replace(id, now.version, answer.window)
          : await windows.insert(id, answer.window);
        if (written) return answer;
      }
    },

    getCredential: async (credentialId) => (await readCredential(credentialId))?.credential,

    async observeCredential(credentialId, transition) {
      for (;;) {
        const now = await readCredential(credentialId);
        const after = transition(now?.credential);
        if (!after) return undefined;
        const document = { ...after, version: after.version.toString() };
        const written = now
          ? await credentials.replace(credentialId, now.record.version, document)
          : await credentials.insert(credentialId, document);
        if (written) return after;
      }
    },

    async count() {
      const counted = await notifications.ask((collection) =>
        collection
          .aggregate<Counted>([
            { $match: { state: { $in: states } } },
            { $group: { _id: { kind: '$kind', state: '$state' }, count: { $sum: 1 } } },
          ])
          .toArray(),
      );
      return counted.map(({ _id: { kind, state }, count }) => ({ kind, state, count }));
    },

    async oldestWaitingCreatedAtMs() {
      const oldest = await notifications.first({
        ...{ where: { state: 'waiting' }, sort: { createdAtMs: 1 }, only: ['createdAtMs'] },
      });
      return oldest && Number(oldest['createdAtMs']);
    },
  };
}

function fromDocument({ version, ...others }: CredentialDocument): WatchedCredential {
  return { ...others, version: BigInt(version) };
}
