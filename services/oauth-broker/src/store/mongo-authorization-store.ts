import type { Clock, Logger } from '@credential-renewal/runtime';
import type { MongoSettings } from '@credential-renewal/storage';
import { type DocumentRecord, openDocuments, openMongo } from '@credential-renewal/storage/mongo';
import type { Authorization } from '../authorization/authorization.ts';
import { AuthorizationNotFoundError } from '../errors.ts';
import type { AuthorizationStore } from './authorization-store.ts';
import { AuthorizationExistsError } from './errors.ts';
import { brokerSchema } from './mongo-broker-schema.ts';
import { createMongoTokenReadStore } from './mongo-token-read-store.ts';
import type { TokenReadStore } from './token-read-store.ts';

type Stored = DocumentRecord<Authorization>;

/** Authorizations, and the counts of token reads, in a MongoDB database. Throws the named errors of packages/storage where it cannot be used. */
export async function openMongoAuthorizationStore(
  settings: MongoSettings,
  deps: { clock: Clock; logger: Logger },
): Promise<AuthorizationStore & { tokenReads: TokenReadStore }> {
  const database = await openMongo(settings, brokerSchema, deps);
  const authorizations = openDocuments<Authorization>({
    ...{ database, name: 'authorizations', schemaVersion: 1 },
    fields: { status: String, stateHash: String, updatedAtMs: Number },
    fieldsOf: ({ status, stateHash, updatedAtMs }) => ({ status, stateHash, updatedAtMs }),
  });
  const read = ({ document, version }: Stored): Authorization => ({ ...document, version });

  return {
    async create(authorization) {
      const created = await authorizations.insert(authorization.id, authorization);
      if (!created) throw new AuthorizationExistsError(authorization.id);
    },

    async get(id) {
      const found = await authorizations.find(id);
      return found && read(found);
    },

    async findByStateHash(stateHash) {
      const found = await authorizations.first({ where: { stateHash } });
      return found && read(found);
    },

    // Ids are in the order of their making (UUIDv7).
    async findNewestOfUse(useId) {
      const found = await authorizations.first({
        where: { 'document.use.id': useId },
        sort: { _id: -1 },
      });
      return found && read(found);
    },

    async update(id, transition) {
      const updated = await authorizations.update(id, (document, version) => ({
        document: { ...transition({ ...document, version }), id, version: version + 1 },
      }));
      if (!updated) throw new AuthorizationNotFoundError();
      return updated;
    },

    async listUntouched({ statuses, updatedBeforeMs, limit }) {
      const found = await authorizations.list({
        where: { status: { $in: [...statuses] }, updatedAtMs: { $lt: updatedBeforeMs } },
        ...{ sort: { updatedAtMs: 1 }, limit },
      });
      return found.map(read);
    },

    async forget(updatedBeforeMs) {
      const { deletedCount } = await authorizations.ask<
        Pick<Authorization, 'status' | 'updatedAtMs'>,
        { deletedCount: number }
      >((collection) =>
        collection.deleteMany({
          status: { $nin: ['exchanging', 'verifying'] },
          updatedAtMs: { $lt: updatedBeforeMs },
        }),
      );
      return deletedCount;
    },

    tokenReads: createMongoTokenReadStore(database),
    problem: database.problem,
    close: database.close,
  };
}
