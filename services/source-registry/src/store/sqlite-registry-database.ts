import { sqliteInboxSchema, sqliteOutboxSchema } from '@credential-renewal/events';
import { openSqlite, type SqliteDatabase } from '@credential-renewal/storage';

/**
 * A document each, with columns beside it for what is looked up or ordered by. Every index begins with what narrows a
 * question down to one account, person, workspace or credential, so that no page reads another account's rows.
 */
const documents = `
  CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    issuer TEXT NOT NULL,
    key TEXT NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (issuer, key)
  ) STRICT;

  CREATE TABLE users (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    active_admin INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (account_id, issuer, subject)
  ) STRICT;
  CREATE INDEX users_by_account ON users (account_id, id);
  CREATE INDEX users_active_admins ON users (account_id, id) WHERE active_admin = 1;

  CREATE TABLE workspaces (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX workspaces_by_account ON workspaces (account_id, created_at_ms, id);
  CREATE TABLE workspace_members (
    user_id TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    workspace_id TEXT NOT NULL,
    PRIMARY KEY (user_id, created_at_ms, workspace_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX workspace_members_by_workspace ON workspace_members (workspace_id);

  CREATE TABLE uses (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    account_id TEXT NOT NULL,
    responsible_id TEXT NOT NULL,
    workspace_id TEXT,
    connection_id TEXT,
    credential_id TEXT,
    credential_version INTEGER,
    status TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    pending_since_ms INTEGER,
    deleting_since_ms INTEGER,
    last_synced_at_ms INTEGER,
    revision INTEGER NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX uses_by_responsible
    ON uses (responsible_id, kind, created_at_ms, id) WHERE deleting_since_ms IS NULL;
  CREATE INDEX uses_by_workspace
    ON uses (workspace_id, created_at_ms, id, status) WHERE deleting_since_ms IS NULL AND workspace_id IS NOT NULL;
  CREATE INDEX uses_connections
    ON uses (account_id, created_at_ms, id) WHERE deleting_since_ms IS NULL AND kind = 'connection';
  CREATE INDEX uses_by_credential
    ON uses (credential_id, id) WHERE deleting_since_ms IS NULL AND credential_id IS NOT NULL;
  CREATE INDEX uses_by_connection
    ON uses (connection_id, id) WHERE deleting_since_ms IS NULL AND connection_id IS NOT NULL;
  CREATE INDEX uses_deleting ON uses (deleting_since_ms, id) WHERE deleting_since_ms IS NOT NULL;
  CREATE INDEX uses_pending
    ON uses (pending_since_ms) WHERE pending_since_ms IS NOT NULL AND deleting_since_ms IS NULL;

  CREATE TABLE audit_entries (
    use_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (use_id, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE credential_states (
    credential_id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  ${sqliteOutboxSchema}`;

const drills = `
  ALTER TABLE uses ADD COLUMN drill_ends_at_ms INTEGER;
  CREATE INDEX uses_drills
    ON uses (drill_ends_at_ms) WHERE drill_ends_at_ms IS NOT NULL AND deleting_since_ms IS NULL;`;

/** The registry's database; throws the named errors of packages/storage when the file is not usable. */
export function openRegistryDatabase(path: string): SqliteDatabase {
  const migrations = [documents, sqliteInboxSchema, drills];
  return openSqlite({ path, name: 'source-registry', migrations });
}
