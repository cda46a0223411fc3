import type { Clock } from '@credential-renewal/runtime';
import { type MongoDatabase, openDocuments } from '@credential-renewal/storage/mongo';
import { type ReportStore, reportsKeptMs } from './report-store.ts';

const pruneEveryMs = 3_600_000;

export function createMongoReportStore(database: MongoDatabase, clock: Clock): ReportStore {
  const reports = openDocuments<{ atMs: number }>({
    ...{ database, name: 'delivery_reports', schemaVersion: 1 },
    fields: { atMs: Number },
    fieldsOf: ({ atMs }) => ({ atMs }),
  });
  let prunedAtMs = Number.NEGATIVE_INFINITY;

  async function pruneAtTimes(nowMs: number): Promise<void> {
    if (Math.abs(nowMs - prunedAtMs) < pruneEveryMs) return;
    prunedAtMs = nowMs;
    await reports.ask<{ atMs: number }, unknown>((collection) =>
      collection.deleteMany({ atMs: { $lt: nowMs - reportsKeptMs } }),
    );
  }

  return {
    has: async (reportId) => (await reports.find(reportId)) !== undefined,

    async remember(reportId) {
      const atMs = clock.nowMs();
      await pruneAtTimes(atMs);
      await reports.insert(reportId, { atMs });
    },
  };
}
