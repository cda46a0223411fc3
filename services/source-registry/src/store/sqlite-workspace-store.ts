import type { Sql, SqliteDatabase } from '@credential-renewal/storage';
import type { Workspace } from '../workspace.ts';
import type { WorkspaceStore } from './workspace-store.ts';

type DocumentRow = { document: string };

/** Behind the place (`order`, `id`) of a list that runs newest first; the largest numbers where it begins. */
const fromTheStart = { order: Number.MAX_SAFE_INTEGER, id: '~' };

export function createSqliteWorkspaceStore(database: SqliteDatabase): WorkspaceStore {
  const read = (rows: DocumentRow[]) => rows.map((row) => JSON.parse(row.document) as Workspace);

  return {
    put: (workspace) =>
      database.write((sql) => {
        const written = writeDocument(sql, workspace);
        if (written) writeMembers(sql, workspace);
        return written;
      }),

    async find(id) {
      const row = database.read((sql) =>
        sql.get<DocumentRow>('SELECT document FROM workspaces WHERE id = ?', id),
      );
      return row && (JSON.parse(row.document) as Workspace);
    },

    findMany: async (ids) =>
      read(
        database.read((sql) =>
          sql.all<DocumentRow>(
            'SELECT document FROM workspaces WHERE id IN (SELECT value FROM json_each(?))',
            JSON.stringify(ids),
          ),
        ),
      ),

    async list({ accountId, memberId, limit, after = fromTheStart }) {
      const rows = database.read((sql) =>
        memberId === undefined
          ? sql.all<DocumentRow>(
              `SELECT document FROM workspaces WHERE account_id = ? AND (created_at_ms, id) < (?, ?)
               ORDER BY created_at_ms DESC, id DESC LIMIT ?`,
              accountId,
              after.order,
              after.id,
              limit,
            )
          : sql.all<DocumentRow>(
              `SELECT w.document FROM workspace_members m JOIN workspaces w ON w.id = m.workspace_id
               WHERE m.user_id = ? AND w.account_id = ? AND (m.created_at_ms, m.workspace_id) < (?, ?)
               ORDER BY m.created_at_ms DESC, m.workspace_id DESC LIMIT ?`,
              memberId,
              accountId,
              after.order,
              after.id,
              limit,
            ),
      );
      return read(rows);
    },
  };
}

function writeDocument(sql: Sql, workspace: Workspace): boolean {
  const { id, accountId, createdAtMs, revision } = workspace;
  const document = JSON.stringify(workspace);
  const changed =
    revision === 1
      ? sql.run(
          `INSERT INTO workspaces (id, account_id, created_at_ms, revision, document)
           VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
          id,
          accountId,
          createdAtMs,
          revision,
          document,
        )
      : sql.run(
          'UPDATE workspaces SET revision = ?, document = ? WHERE id = ? AND revision = ?',
          revision,
          document,
          id,
          revision - 1,
        );
  return changed === 1;
}

function writeMembers(sql: Sql, workspace: Workspace): void {
  sql.run('DELETE FROM workspace_members WHERE workspace_id = ?', workspace.id);
  for (const { userId } of workspace.members) {
    sql.run(
      'INSERT INTO workspace_members (user_id, created_at_ms, workspace_id) VALUES (?, ?, ?)',
      userId,
      workspace.createdAtMs,
      workspace.id,
    );
  }
}
