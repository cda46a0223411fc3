import { uuidv7Floor } from '@credential-renewal/runtime';
import { type MongoDatabase, openDocuments } from '@credential-renewal/storage/mongo';
import { NotificationNotFoundError } from '../errors.ts';
import { keysOfKind, kindKey } from '../kind-key.ts';
import type { DeliveryWindow } from '../notice/delivery.ts';
import { untoldDelaySinceMs, type WatchedCredential } from '../notice/watched-credential.ts';
import { notificationStates } from '../notification.ts';
import type { MailClaims } from './mongo-mail-claims.ts';
import { type DeliveryDocuments, waitingWords } from './mongo-notification-documents.ts';
import type { NotificationStore } from './notification-store.ts';
import { type CountedKey, sumByKind } from './sum-by-kind.ts';

/** As text: an int64 does not fit into the numbers that the driver answers with. */
type CredentialDocument = Omit<WatchedCredential, 'version'> & { version: string };

type Counted = { _id: { kind: string; state: string }; count: number };

const waiting = { state: { $in: waitingWords } };
const unsent = { state: { $in: [...waitingWords, 'handing_over'] } };

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
    fields: { delayedSinceMs: Number },
    fieldsOf: (document) => ({ delayedSinceMs: untoldDelaySinceMs(fromDocument(document)) }),
  });

  const readCredential = async (credentialId: string) => {
    const record = await credentials.find(credentialId);
    return record && { record, credential: fromDocument(record.document) };
  };

  const listNotifications = async (question: Parameters<typeof notifications.list>[0]) =>
    (await notifications.list(question)).map(({ document }) => document);

  return {
    create: (notification) => notifications.insert(notification.id, notification),

    async find({ episodeId, userId, kind, number }) {
      const where = { episodeId, userId, kind: kindKey({ kind, number }) };
      return (await notifications.first({ where }))?.document;
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

    listOpenOfCredential: (credentialId) =>
      listNotifications({
        where: { credentialId, kind: 'expired', episodeOpen: true },
        sort: { _id: 1 },
      }),

    listWaitingOfCredential: (credentialId) =>
      listNotifications({ where: { credentialId, ...waiting }, sort: { _id: 1 } }),

    listOfCredential: ({ credentialId, after, limit }) =>
      listNotifications({
        where: { credentialId, ...(after === undefined ? {} : { _id: { $lt: after } }) },
        sort: { _id: -1 },
        limit,
      }),

    listOfEpisode: (episodeId, userId) =>
      listNotifications({ where: { episodeId, userId }, sort: { _id: 1 } }),

    listOfMail: (mailId) => listNotifications({ where: { mailId }, sort: { _id: 1 } }),

    async listDue(nowMs, limit) {
      // One question for each: reminders wait in digests for days, and must not be passed over to find what is due beside them.
      const due = (inDigest: boolean, most: number) =>
        listNotifications({
          where: { ...waiting, inDigest, dueAtMs: { $lte: nowMs }, ...claims.unclaimed() },
          sort: { dueAtMs: 1, _id: 1 },
          limit: most,
        });
      const digests = await due(true, limit);
      const room = limit - digests.length;
      return room === 0 ? digests : [...digests, ...(await due(false, room))];
    },

    async nextDueAtMs() {
      const first = await notifications.first({
        where: { ...unsent, ...claims.unclaimed() },
        sort: { dueAtMs: 1 },
        only: ['dueAtMs'],
      });
      return first && Number(first['dueAtMs']);
    },

    listDueDigest: ({ userId, of }, nowMs) =>
      listNotifications({
        where: {
          ...{ userId, ...waiting, dueAtMs: { $lte: nowMs } },
          // Both, since the index has it before the time.
          inDigest: { $in: [true, false] },
          ...(of === 'daily'
            ? { daily: true }
            : { daily: { $exists: false }, kind: { $in: keysOfKind(of) } }),
          ...claims.unclaimed(),
        },
        sort: { _id: 1 },
      }),

    listOldClaims: (nowMs, limit) =>
      listNotifications({
        where: { state: 'handing_over', dueAtMs: { $lte: nowMs } },
        sort: { dueAtMs: 1 },
        limit,
      }),

    listToEscalate: (limit) =>
      listNotifications({ where: { escalate: true }, sort: { _id: 1 }, limit }),

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

    async listDelayedSince(sinceMs, limit) {
      const delayed = await credentials.list({
        where: { delayedSinceMs: { $lte: sinceMs } },
        sort: { delayedSinceMs: 1 },
        limit,
      });
      return delayed.map(({ document }) => fromDocument(document));
    },

    async forget(madeBeforeMs, limit) {
      const settled = {
        ...{ state: { $nin: unsent.state.$in }, episodeOpen: false },
        ...{ escalate: { $exists: false }, claimToken: { $exists: false } },
      };
      const old = await notifications.list({
        where: { _id: { $lt: uuidv7Floor(madeBeforeMs) }, ...settled },
        ...{ sort: { _id: 1 }, limit, only: ['_id'] },
      });
      const ids = old.map(({ _id }) => String(_id));
      if (ids.length === 0) return 0;
      // Asked again of each: it may have changed since. A repetition after a lost answer finds none, and the caller asks again.
      const { deletedCount } = await notifications.ask<object, { deletedCount: number }>(
        (collection) => collection.deleteMany({ _id: { $in: ids }, ...settled } as object),
      );
      return deletedCount;
    },

    async count() {
      const words = [...notificationStates, ...waitingWords];
      const counted = await notifications.ask((collection) =>
        collection
          .aggregate<Counted>([
            { $match: { state: { $in: words } } },
            { $group: { _id: { kind: '$kind', state: '$state' }, count: { $sum: 1 } } },
          ])
          .toArray(),
      );
      return sumByKind(counted.map(({ _id, count }) => ({ ...toCountedKey(_id), count })));
    },

    async oldestUnsentSinceMs() {
      const oldest = await notifications.first({
        ...{ where: unsent, sort: { createdAtMs: 1 }, only: ['createdAtMs'] },
      });
      return oldest && Number(oldest['createdAtMs']);
    },
  };
}

function toCountedKey({ kind, state }: Counted['_id']): Omit<CountedKey, 'count'> {
  const known = notificationStates.find((one) => one === state);
  return { kind, state: known ?? 'waiting' };
}

function fromDocument({ version, ...others }: CredentialDocument): WatchedCredential {
  return { ...others, version: BigInt(version) };
}
