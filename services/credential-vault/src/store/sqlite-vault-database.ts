import { sqliteOutboxSchema } from '@credential-renewal/events';
import {
  openSqlite,
  type Sql,
  type SqliteDatabase,
  type SqlValue,
} from '@credential-renewal/storage';

/** Opens the vault's SQLite file. What is queried stands in columns beside the document. */
export function openVaultDatabase(path: string): SqliteDatabase {
  return openSqlite({ path, name: databaseName, migrations });
}

export const databaseName = 'credential-vault';

export const migrations = [
  `
  CREATE TABLE credential (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    account_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    identity_key TEXT NOT NULL,
    join_key TEXT NOT NULL UNIQUE,
    due_at INTEGER,
    lease_expires_at INTEGER NOT NULL,
    tick_at INTEGER,
    worked_at INTEGER NOT NULL,
    revoke_at INTEGER,
    document TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX credential_due ON credential (due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX credential_tick ON credential (tick_at) WHERE tick_at IS NOT NULL;
  CREATE INDEX credential_revoke ON credential (revoke_at) WHERE revoke_at IS NOT NULL;
  CREATE INDEX credential_worked ON credential (provider_id, client_id, worked_at);
  CREATE INDEX credential_identity ON credential (provider_id, client_id, identity_key);

  CREATE TABLE candidate (
    transaction_id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    settled INTEGER NOT NULL,
    document TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX candidate_open ON candidate (settled, created_at);

  CREATE TABLE data_key (
    kid TEXT PRIMARY KEY,
    wrapped TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  ${sqliteOutboxSchema}
  `,
  `
  ALTER TABLE credential ADD COLUMN data_key TEXT NOT NULL DEFAULT '';
  CREATE INDEX credential_data_key ON credential (data_key, id);
  ALTER TABLE candidate ADD COLUMN data_key TEXT NOT NULL DEFAULT '';

  ALTER TABLE data_key ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE data_key ADD COLUMN retired_at INTEGER;
  UPDATE data_key SET generation = (
    SELECT count(*) FROM data_key AS earlier
    WHERE (earlier.created_at, earlier.kid) <= (data_key.created_at, data_key.kid)
  );
  CREATE UNIQUE INDEX data_key_generation ON data_key (generation);
  `,
  `
  ALTER TABLE credential ADD COLUMN client_refused_at INTEGER;
  ALTER TABLE credential ADD COLUMN held_at INTEGER;
  CREATE INDEX credential_client_refused ON credential (provider_id, client_id, client_refused_at) WHERE client_refused_at IS NOT NULL;
  CREATE INDEX credential_held ON credential (provider_id, client_id, held_at) WHERE held_at IS NOT NULL;

  CREATE TABLE outage (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    active INTEGER NOT NULL,
    document TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX outage_active ON outage (active) WHERE active = 1;
  `,
  // A table without rowid keeps whole rows inside its tree, which documents of two kilobytes make ten pages deep; and an index that holds all that
  // is asked of it spares the documents.
  `
  CREATE TABLE moved (
    id TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    account_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    identity_key TEXT NOT NULL,
    join_key TEXT NOT NULL UNIQUE,
    due_at INTEGER,
    lease_expires_at INTEGER NOT NULL,
    tick_at INTEGER,
    worked_at INTEGER NOT NULL,
    revoke_at INTEGER,
    client_refused_at INTEGER,
    held_at INTEGER,
    data_key TEXT NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  INSERT INTO moved
    SELECT id, version, account_id, provider_id, client_id, identity_key, join_key, due_at, lease_expires_at, tick_at,
      worked_at, revoke_at, client_refused_at, held_at, data_key, document
    FROM credential;
  DROP TABLE credential;
  ALTER TABLE moved RENAME TO credential;
  CREATE INDEX credential_due ON credential (due_at, lease_expires_at, provider_id, client_id, id) WHERE due_at IS NOT NULL;
  CREATE INDEX credential_tick ON credential (tick_at, id) WHERE tick_at IS NOT NULL;
  CREATE INDEX credential_revoke ON credential (revoke_at) WHERE revoke_at IS NOT NULL;
  CREATE INDEX credential_worked ON credential (provider_id, client_id, worked_at, account_id);
  CREATE INDEX credential_identity ON credential (provider_id, client_id, identity_key);
  CREATE INDEX credential_client_refused ON credential (provider_id, client_id, client_refused_at, account_id)
    WHERE client_refused_at IS NOT NULL;
  CREATE INDEX credential_held ON credential (provider_id, client_id, held_at, account_id, id) WHERE held_at IS NOT NULL;
  CREATE INDEX credential_data_key ON credential (data_key, id);
  `,
  // For the metric that counts them: the index is read, and no document.
  `
  ALTER TABLE credential ADD COLUMN status TEXT NOT NULL DEFAULT 'healthy';
  UPDATE credential SET status = json_extract(document, '$.status');
  CREATE INDEX credential_status ON credential (provider_id, status);
  `,
  // Counting a million by the index kept everybody waiting for 100 to 200 ms at each scrape. Counted in the write that changes one: a write that names
  // neither column fires nothing, and the index with its million entries goes.
  `
  CREATE TABLE credential_count (
    provider_id TEXT NOT NULL,
    status TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (provider_id, status)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO credential_count SELECT provider_id, status, count(*) FROM credential GROUP BY provider_id, status;
  CREATE TRIGGER credential_count_inserted AFTER INSERT ON credential BEGIN
    INSERT INTO credential_count VALUES (new.provider_id, new.status, 1) ON CONFLICT DO UPDATE SET count = count + 1;
  END;
  CREATE TRIGGER credential_count_deleted AFTER DELETE ON credential BEGIN
    UPDATE credential_count SET count = count - 1 WHERE provider_id = old.provider_id AND status = old.status;
  END;
  CREATE TRIGGER credential_count_updated AFTER UPDATE OF provider_id, status ON credential BEGIN
    UPDATE credential_count SET count = count - 1 WHERE provider_id = old.provider_id AND status = old.status;
    INSERT INTO credential_count VALUES (new.provider_id, new.status, 1) ON CONFLICT DO UPDATE SET count = count + 1;
  END;
  DROP INDEX credential_status;
  `,
];

/** Counts `rows` (a SELECT) no further than to `most`, since counting a million would hold up everything else. */
export function countTo(sql: Sql, most: number, rows: string, ...values: SqlValue[]): number {
  const text = `SELECT count(*) AS count FROM (${rows} LIMIT ?)`;
  return sql.get<{ count: number }>(text, ...values, most)?.count ?? 0;
}
