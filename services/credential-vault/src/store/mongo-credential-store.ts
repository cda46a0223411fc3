import {
  mongoOutbox,
  outboxFields,
  withEvents,
  withLastEvents,
} from '@credential-renewal/events/mongo';
import type { Clock } from '@credential-renewal/runtime';
import {
  type DocumentRecord,
  type MongoDatabase,
  openDocuments,
} from '@credential-renewal/storage/mongo';
import type { Credential } from '../credential.ts';
import { type CredentialFields, credentialFields, identityKeyOf } from './credential-fields.ts';
import type { CredentialStore, ProviderClient, StatusCount } from './credential-store.ts';

/** 2: with `dataKey`. */
const schemaVersion = 2;

const fields: Record<keyof CredentialFields, StringConstructor | NumberConstructor> = {
  accountId: String,
  providerId: String,
  clientId: String,
  identityKey: String,
  joinKey: String,
  dueAtMs: Number,
  leaseExpiresAtMs: Number,
  tickAtMs: Number,
  workedAtMs: Number,
  revokeAtMs: Number,
  clientRefusedAtMs: Number,
  heldAtMs: Number,
  dataKey: String,
};

/** Credentials as documents that carry their events; each change is one conditional write on the version. */
export function createMongoCredentialStore(database: MongoDatabase, clock: Clock): CredentialStore {
  const credentials = openDocuments<Credential>({
    ...{ database, schemaVersion, name: 'credentials', fieldsOf: credentialFields },
    fields: { ...fields, ...outboxFields },
    // No value of a join key; those are hashes.
    retiredFields: (id) => ({ joinKey: `retired ${id}` }),
  });
  const readAll = ({ document, version }: DocumentRecord<Credential>) => ({ ...document, version });
  const read = (record: DocumentRecord<Credential> | undefined) => record && readAll(record);
  const exists = async (where: Record<string, unknown>) =>
    (await credentials.first({ where, only: ['_id'] })) !== undefined;

  return {
    find: async (id) => read(await credentials.find(id)),
    findByJoinKey: async (joinKey) => read(await credentials.first({ where: { joinKey } })),
    async findMany(ids) {
      const found = await credentials.list({ where: { _id: { $in: [...ids] } } });
      // A retired one has no document any more.
      return found.filter(({ document }) => document !== undefined).map(readAll);
    },

    insert: (credential, events) =>
      credentials.insert(credential.id, { ...credential, version: 1 }, withEvents(events)),

    update: (id, transition) =>
      credentials.update(id, (document, version) => {
        const step = transition({ ...document, version });
        return (
          step && {
            document: { ...step.credential, version: version + 1 },
            effects: withEvents(step.events),
          }
        );
      }),

    remove: (id, version, events) =>
      credentials.retire(id, version, withLastEvents(events, clock.nowMs())),

    async listDue(nowMs, { limit, excludedProviderIds = [] }) {
      const due = await credentials.list({
        where: {
          dueAtMs: { $lte: nowMs },
          leaseExpiresAtMs: { $lte: nowMs },
          ...(excludedProviderIds.length > 0 && { providerId: { $nin: excludedProviderIds } }),
        },
        sort: { dueAtMs: 1 },
        limit,
        only: ['providerId', 'clientId'],
      });
      return due.map(({ _id, providerId, clientId }) => ({
        id: _id,
        providerId: String(providerId),
        clientId: String(clientId),
      }));
    },

    async nextDueMs(nowMs) {
      const [due, leased] = await Promise.all([
        credentials.first({
          where: { dueAtMs: { $gt: nowMs } },
          sort: { dueAtMs: 1 },
          only: ['dueAtMs'],
        }),
        credentials.first({
          where: { dueAtMs: { $lte: nowMs }, leaseExpiresAtMs: { $gt: nowMs } },
          sort: { leaseExpiresAtMs: 1 },
          only: ['leaseExpiresAtMs'],
        }),
      ]);
      const moments = [due?.['dueAtMs'], leased?.['leaseExpiresAtMs']];
      const known = moments.filter((moment) => typeof moment === 'number');
      return known.length === 0 ? undefined : Math.min(...known);
    },

    async listTicks(nowMs, limit) {
      const ticks = await credentials.list({
        ...{ where: { tickAtMs: { $lte: nowMs } }, sort: { tickAtMs: 1 }, limit },
        only: ['_id'],
      });
      return ticks.map(({ _id }) => _id);
    },

    async accountsWorkedSince(client, sinceMs, sample) {
      const worked = await credentials.list({
        where: { ...ofClient(client), workedAtMs: { $gte: sinceMs } },
        sort: { workedAtMs: -1 },
        ...{ limit: sample, only: ['accountId'] },
      });
      return distinctAccounts(worked);
    },
    async accountsRefusingClient(client, sample) {
      const refused = await credentials.list({
        where: { ...ofClient(client), clientRefusedAtMs: { $gte: 0 } },
        ...{ limit: sample, only: ['accountId'] },
      });
      return distinctAccounts(refused);
    },
    async listHeld(client, limit) {
      const held = await credentials.list({
        where: { ...ofClient(client), heldAtMs: { $gte: 0 } },
        sort: { heldAtMs: 1 },
        ...{ limit, only: ['accountId'] },
      });
      return held.map(({ _id, accountId }) => ({ id: _id, accountId: String(accountId) }));
    },
    countHeld: (client, most) =>
      credentials.ask((collection) =>
        collection.countDocuments({ ...ofClient(client), heldAtMs: { $gte: 0 } } as object, {
          limit: most,
        }),
      ),

    grantIsShared: ({ id, policy, identity }) =>
      exists({
        providerId: policy.providerId,
        clientId: policy.clientId,
        identityKey: identityKeyOf(identity),
        _id: { $ne: id },
        revokeAtMs: { $exists: false },
      }),

    async listRevocations(nowMs, limit) {
      const due = await credentials.list({
        ...{ where: { revokeAtMs: { $lte: nowMs } }, sort: { revokeAtMs: 1 }, limit },
      });
      return due.map(readAll);
    },

    async listOlderDataKey(kid, after, limit) {
      const beyond = after && [
        { dataKey: { $gt: after.dataKey } },
        { dataKey: after.dataKey, _id: { $gt: after.id } },
      ];
      const older = await credentials.list({
        where: { dataKey: { $lt: kid }, ...(beyond && { $or: beyond }) },
        sort: { dataKey: 1, _id: 1 },
        limit,
        only: ['dataKey'],
      });
      return older.map(({ _id, dataKey }) => ({ id: _id, dataKey: String(dataKey) }));
    },
    countOlderDataKey: (kid, most) =>
      credentials.ask((collection) =>
        collection.countDocuments({ dataKey: { $lt: kid } } as object, { limit: most }),
      ),

    async countByStatus() {
      // A range, so that those without a state (retired ones) are not even looked at.
      const living = { 'document.status': { $gt: '' } };
      const groups = await credentials.ask((collection) =>
        collection
          .aggregate<{ _id: Omit<StatusCount, 'count'>; count: number }>([
            { $match: living },
            {
              $group: {
                _id: { providerId: '$providerId', status: '$document.status' },
                count: { $sum: 1 },
              },
            },
          ])
          .toArray(),
      );
      return groups.map(({ _id, count }) => ({ ..._id, count }));
    },

    outbox: mongoOutbox(credentials, clock),
  };
}

function ofClient({ providerId, clientId, except }: ProviderClient): Record<string, unknown> {
  const others = except === undefined ? {} : { accountId: { $ne: except } };
  return { providerId, clientId, ...others };
}

function distinctAccounts(records: readonly Record<string, unknown>[]): string[] {
  return [...new Set(records.map(({ accountId }) => String(accountId)))];
}
