import { appendToOutbox } from '@credential-renewal/events';
import type { Sql, SqliteDatabase, SqlValue } from '@credential-renewal/storage';
import type { AuditEntry } from '../audit-entry.ts';
import { runningDrill } from '../drill.ts';
import { type Connection, responsibleOf, type Source } from '../use.ts';
import { needsRenewal, statusOf } from '../use-status.ts';
import { UseExistsError } from './errors.ts';
import { readUseDocument, writeUseDocument } from './use-document.ts';
import { eventsOf, type UseStore, type UseWrite } from './use-store.ts';

type UseRow = { document: string; revision: number; last_synced_at_ms: number | null };

const select = 'SELECT document, revision, last_synced_at_ms FROM uses';
const fromTheStart = { order: Number.MAX_SAFE_INTEGER, id: '~' };
const redStatuses = [...needsRenewal].map((status) => `'${status}'`).join(', ');

export function createSqliteUseStore(database: SqliteDatabase): UseStore {
  const read = (text: string, ...values: SqlValue[]) =>
    database
      .read((sql) => sql.all<UseRow>(text, ...values))
      .map((row) => readUseDocument(JSON.parse(row.document), row.revision, row.last_synced_at_ms));

  return {
    async insert(write) {
      await database.write((sql) => {
        insertUse(sql, write);
        writeEffects(sql, write);
      });
    },
    replace: (write) => writeIf(database, write, updateUse),
    remove: (write) =>
      writeIf(database, write, (sql, { use }) =>
        sql.run('DELETE FROM uses WHERE id = ? AND revision = ?', use.id, use.revision - 1),
      ),

    touch: (id) =>
      database.write(
        (sql) =>
          sql.run(
            'UPDATE uses SET revision = revision + 1 WHERE id = ? AND deleting_since_ms IS NULL',
            id,
          ) === 1,
      ),

    find: async (id) => read(`${select} WHERE id = ?`, id)[0],
    findConnections: async (ids) =>
      read(
        `${select} WHERE id IN (SELECT value FROM json_each(?)) AND kind = 'connection'`,
        JSON.stringify(ids),
      ) as Connection[],

    async listSources({ accountId, of, status, limit, after = fromTheStart }) {
      const [column, value] =
        'creatorId' in of ? ['responsible_id', of.creatorId] : ['workspace_id', of.workspaceId];
      return read(
        `${select} WHERE ${column} = ?1 AND kind = 'source' AND account_id = ?2
           AND deleting_since_ms IS NULL AND (?3 IS NULL OR status = ?3)
           AND (created_at_ms, id) < (?4, ?5)
         ORDER BY created_at_ms DESC, id DESC LIMIT ?6`,
        value,
        accountId,
        status ?? null,
        after.order,
        after.id,
        limit,
      ) as Source[];
    },

    listConnections: async ({ accountId, status, limit, after = fromTheStart }) =>
      read(
        `${select} WHERE account_id = ?1 AND kind = 'connection' AND deleting_since_ms IS NULL
           AND (?2 IS NULL OR status = ?2) AND (created_at_ms, id) < (?3, ?4)
         ORDER BY created_at_ms DESC, id DESC LIMIT ?5`,
        accountId,
        status ?? null,
        after.order,
        after.id,
        limit,
      ) as Connection[],

    listUsesOfCredential: async ({ accountId, credentialId, olderThan, afterId = '', limit }) =>
      read(
        `${select} WHERE credential_id = ?1 AND account_id = ?2 AND deleting_since_ms IS NULL
           AND id > ?3 AND (?4 IS NULL OR credential_version < ?4) ORDER BY id LIMIT ?5`,
        credentialId,
        accountId,
        afterId,
        olderThan ?? null,
        limit,
      ),

    listBackedSources: async ({ connectionId, afterId = '', limit }) =>
      read(
        `${select} WHERE connection_id = ? AND deleting_since_ms IS NULL AND id > ?
         ORDER BY id LIMIT ?`,
        connectionId,
        afterId,
        limit,
      ) as Source[],

    async countBackedSources(connectionIds) {
      const rows = database.read((sql) =>
        sql.all<{ id: string; sources: number }>(
          `SELECT connection_id AS id, count(*) AS sources FROM uses
           WHERE connection_id IN (SELECT value FROM json_each(?)) AND deleting_since_ms IS NULL
           GROUP BY connection_id`,
          JSON.stringify(connectionIds),
        ),
      );
      return new Map(rows.map((row) => [row.id, row.sources]));
    },

    async countSourcesByWorkspace(workspaceIds) {
      const rows = database.read((sql) =>
        sql.all<{ id: string; sources: number; needRenewal: number }>(
          `SELECT workspace_id AS id, count(*) AS sources,
             count(*) FILTER (WHERE status IN (${redStatuses})) AS needRenewal FROM uses
           WHERE workspace_id IN (SELECT value FROM json_each(?)) AND deleting_since_ms IS NULL
           GROUP BY workspace_id`,
          JSON.stringify(workspaceIds),
        ),
      );
      return new Map(rows.map(({ id, ...counts }) => [id, counts]));
    },

    listDeleting: async (limit) =>
      read(
        `${select} WHERE deleting_since_ms IS NOT NULL ORDER BY deleting_since_ms, id LIMIT ?`,
        limit,
      ),
    listAbandoned: async (beforeMs, limit) =>
      read(
        `${select} WHERE pending_since_ms < ? AND deleting_since_ms IS NULL
         ORDER BY pending_since_ms LIMIT ?`,
        beforeMs,
        limit,
      ),

    listOverdueDrills: async (atMs, limit) =>
      read(
        `${select} WHERE drill_ends_at_ms <= ? AND deleting_since_ms IS NULL
         ORDER BY drill_ends_at_ms LIMIT ?`,
        atMs,
        limit,
      ),

    recordSync: ({ accountId, sourceId, syncedAtMs }) =>
      database.write(
        (sql) =>
          sql.run(
            `UPDATE uses SET last_synced_at_ms = max(coalesce(last_synced_at_ms, 0), ?)
             WHERE id = ? AND account_id = ? AND kind = 'source' AND deleting_since_ms IS NULL`,
            syncedAtMs,
            sourceId,
            accountId,
          ) === 1,
      ),

    async listAuditEntries(useId, { limit, after = fromTheStart }) {
      const rows = database.read((sql) =>
        sql.all<{ document: string }>(
          `SELECT document FROM audit_entries WHERE use_id = ? AND position < ?
           ORDER BY position DESC LIMIT ?`,
          useId,
          after.order,
          limit,
        ),
      );
      return rows.map((row) => JSON.parse(row.document) as AuditEntry);
    },
  };
}

function writeIf(
  database: SqliteDatabase,
  write: UseWrite,
  change: (sql: Sql, write: UseWrite) => number,
): Promise<boolean> {
  return database.write((sql) => {
    if (change(sql, write) === 0) return false;
    writeEffects(sql, write);
    return true;
  });
}

function insertUse(sql: Sql, { use }: UseWrite): void {
  const inserted = sql.run(
    `INSERT INTO uses (responsible_id, workspace_id, connection_id, credential_id,
       credential_version, status, pending_since_ms, deleting_since_ms, drill_ends_at_ms, revision, document,
       id, kind, account_id, created_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    ...columnsOf({ use }),
    use.id,
    use.kind,
    use.accountId,
    use.createdAtMs,
  );
  if (inserted === 0) throw new UseExistsError(use.id);
}

function updateUse(sql: Sql, { use }: UseWrite): number {
  return sql.run(
    `UPDATE uses SET responsible_id = ?, workspace_id = ?, connection_id = ?, credential_id = ?,
       credential_version = ?, status = ?, pending_since_ms = ?, deleting_since_ms = ?, drill_ends_at_ms = ?, revision = ?,
       document = ?
     WHERE id = ? AND revision = ?`,
    ...columnsOf({ use }),
    use.id,
    use.revision - 1,
  );
}

function columnsOf({ use }: UseWrite): SqlValue[] {
  const source = use.kind === 'source' ? use : undefined;
  return [
    responsibleOf(use),
    source?.workspaceId ?? null,
    source?.authorizedConnectionId ?? null,
    use.credential?.credentialId ?? null,
    use.credential?.version ?? null,
    statusOf(use),
    use.pendingSinceMs ?? null,
    use.deleting?.sinceMs ?? null,
    runningDrill(use)?.endsAtMs ?? null,
    use.revision,
    JSON.stringify(writeUseDocument(use)),
  ];
}

function writeEffects(sql: Sql, write: UseWrite): void {
  const { audit } = write;
  if (audit) {
    sql.run(
      'INSERT INTO audit_entries (use_id, position, document) VALUES (?, ?, ?)',
      audit.useId,
      audit.position,
      JSON.stringify(audit),
    );
  }
  const events = eventsOf(write);
  if (events.length > 0) appendToOutbox(sql, events);
}
