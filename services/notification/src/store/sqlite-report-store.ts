import type { Clock } from '@credential-renewal/runtime';
import type { SqliteDatabase } from '@credential-renewal/storage';
import { type ReportStore, reportsKeptMs } from './report-store.ts';

export function createSqliteReportStore(database: SqliteDatabase, clock: Clock): ReportStore {
  return {
    has: async (reportId) =>
      database.read((sql) =>
        sql.get('SELECT 1 FROM delivery_reports WHERE report_id = ?', reportId),
      ) !== undefined,

    remember: (reportId) =>
      database.write((sql) => {
        const nowMs = clock.nowMs();
        sql.run('DELETE FROM delivery_reports WHERE at_ms < ?', nowMs - reportsKeptMs);
        sql.run(
          'INSERT OR IGNORE INTO delivery_reports (report_id, at_ms) VALUES (?, ?)',
          reportId,
          nowMs,
        );
      }),
  };
}
