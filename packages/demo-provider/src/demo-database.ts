import { openSqlite, type SqliteDatabase } from '@credential-renewal/storage';

/**
 * `record` holds what the authorization servers issue (one row per code, token, session ...); `demo_grant` what people
 * granted, ended or not, so that the control page can show history. Times are of the injected clock.
 */
const migrations = [
  `CREATE TABLE record (
     issuer TEXT NOT NULL,
     model TEXT NOT NULL,
     id TEXT NOT NULL,
     session_uid TEXT,
     grant_id TEXT,
     payload TEXT NOT NULL,
     consumed_at_ms INTEGER,
     expires_at_ms INTEGER,
     PRIMARY KEY (issuer, model, id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX record_by_grant ON record (issuer, grant_id) WHERE grant_id IS NOT NULL;
   CREATE INDEX record_by_session ON record (issuer, session_uid) WHERE session_uid IS NOT NULL;
   CREATE TABLE demo_grant (
     id TEXT PRIMARY KEY,
     provider_id TEXT NOT NULL,
     account TEXT NOT NULL,
     scopes TEXT NOT NULL,
     since_ms INTEGER NOT NULL,
     ended_at_ms INTEGER,
     ended_by TEXT
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX demo_grant_by_account ON demo_grant (provider_id, account);`,
];

/** Opens the demo world's own database and drops what has expired. */
export async function openDemoDatabase(path: string, nowMs: number): Promise<SqliteDatabase> {
  const database = openSqlite({ path, name: 'demo-provider', migrations });
  await database.write((sql) => sql.run('DELETE FROM record WHERE expires_at_ms <= ?', nowMs));
  return database;
}
