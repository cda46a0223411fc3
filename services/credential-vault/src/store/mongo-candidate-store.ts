import { type MongoDatabase, openDocuments } from '@credential-renewal/storage/mongo';
import type { Candidate, CandidateStore } from './candidate-store.ts';
import { oldestDataKey } from './credential-fields.ts';

/** Candidates by the id of their transaction. */
export function createMongoCandidateStore(database: MongoDatabase): CandidateStore {
  const candidates = openDocuments<Candidate>({
    ...{ database, name: 'candidates', schemaVersion: 1 },
    fields: { createdAtMs: Number, settled: Boolean, dataKey: String },
    fieldsOf: ({ createdAtMs, settled, tokens }) => ({
      createdAtMs,
      settled: settled !== undefined,
      dataKey: tokens && oldestDataKey(tokens),
    }),
  });

  return {
    put: async (candidate) => {
      await candidates.insert(candidate.transactionId, candidate);
    },
    find: async (transactionId) => (await candidates.find(transactionId))?.document,
    settle: async (transactionId, outcome) => {
      await candidates.update(transactionId, (candidate) => ({
        document: { ...candidate, tokens: undefined, settled: outcome },
      }));
    },
    drop: async (transactionId) => {
      await candidates.remove({ _id: transactionId, settled: false });
    },
    listOpen: async (createdBeforeMs, limit) => {
      const open = await candidates.list({
        where: { settled: false, createdAtMs: { $lte: createdBeforeMs } },
        sort: { createdAtMs: 1 },
        limit,
        only: ['_id'],
      });
      return open.map(({ _id }) => _id);
    },
    countOlderDataKey: (kid, most) =>
      candidates.ask((collection) =>
        collection.countDocuments({ dataKey: { $lt: kid } } as object, { limit: most }),
      ),
    prune: async (createdBeforeMs) => {
      await candidates.ask((collection) =>
        collection.deleteMany({ createdAtMs: { $lt: createdBeforeMs } } as object),
      );
    },
  };
}
