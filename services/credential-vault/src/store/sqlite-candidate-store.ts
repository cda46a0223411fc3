import type { SqliteDatabase } from '@credential-renewal/storage';
import type { Candidate, CandidateStore } from './candidate-store.ts';
import { oldestDataKey } from './credential-fields.ts';
import { countTo } from './sqlite-vault-database.ts';

type Row = { document: string };

export function createSqliteCandidateStore(database: SqliteDatabase): CandidateStore {
  const find = (transactionId: string) =>
    database.read((sql) => {
      const row = sql.get<Row>(
        'SELECT document FROM candidate WHERE transaction_id = ?',
        transactionId,
      );
      return row && (JSON.parse(row.document) as Candidate);
    });

  return {
    put: async (candidate) => {
      await database.write((sql) =>
        sql.run(
          'INSERT INTO candidate (transaction_id, created_at, settled, data_key, document) VALUES (?, ?, 0, ?, ?) ON CONFLICT DO NOTHING',
          candidate.transactionId,
          candidate.createdAtMs,
          oldestDataKey(candidate.tokens),
          JSON.stringify(candidate),
        ),
      );
    },
    find: async (transactionId) => find(transactionId),
    settle: async (transactionId, outcome) => {
      await database.write((sql) => {
        const candidate = find(transactionId);
        if (!candidate) return;
        const settled: Candidate = { ...candidate, tokens: undefined, settled: outcome };
        sql.run(
          'UPDATE candidate SET settled = 1, document = ? WHERE transaction_id = ?',
          JSON.stringify(settled),
          transactionId,
        );
      });
    },
    drop: async (transactionId) => {
      await database.write((sql) =>
        sql.run('DELETE FROM candidate WHERE transaction_id = ? AND settled = 0', transactionId),
      );
    },
    listOpen: async (createdBeforeMs, limit) =>
      database.read((sql) =>
        sql
          .all<{ id: string }>(
            'SELECT transaction_id AS id FROM candidate WHERE settled = 0 AND created_at <= ? ORDER BY created_at LIMIT ?',
            createdBeforeMs,
            limit,
          )
          .map(({ id }) => id),
      ),
    countOlderDataKey: async (kid, most) =>
      database.read((sql) =>
        countTo(sql, most, 'SELECT 1 FROM candidate WHERE settled = 0 AND data_key < ?', kid),
      ),
    prune: async (createdBeforeMs) => {
      await database.write((sql) =>
        sql.run('DELETE FROM candidate WHERE created_at < ?', createdBeforeMs),
      );
    },
  };
}
