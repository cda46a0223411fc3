import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Beside each credential, as many less one that are not due for a month: between them in the order of ids, and in that of the table. The
 * indexes are made afterwards, by sorting, which takes a tenth of the time.
 */
export function multiplyCredentials(directory: string, times: number): void {
  const database = new DatabaseSync(join(directory, 'vault.db'));
  database.exec(
    'PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144',
  );
  const columns = database
    .prepare("SELECT name FROM pragma_table_info('credential')")
    .all()
    .map(({ name }) => String(name));
  const changed: Record<string, string> = {
    id: 'substr(id, 1, 19) || lower(hex(randomblob(8)))',
    join_key: 'lower(hex(randomblob(16)))',
    due_at: 'due_at + 30 * 86400000 + abs(random() % 86400000)',
  };
  const selected = columns.map((name) =>
    changed[name] ? `CASE copy WHEN 0 THEN ${name} ELSE ${changed[name]} END` : name,
  );
  const indexes = database
    .prepare(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'credential' AND sql IS NOT NULL",
    )
    .all();
  database.exec(`
    BEGIN;
    CREATE TEMP TABLE authorized AS SELECT * FROM credential;
    CREATE TEMP TABLE copies (copy INTEGER PRIMARY KEY);
    WITH RECURSIVE counted (copy) AS (SELECT 0 UNION ALL SELECT copy + 1 FROM counted WHERE copy + 1 < ${times})
      INSERT INTO copies SELECT copy FROM counted;
    DELETE FROM credential;
    ${indexes.map(({ name }) => `DROP INDEX ${name};`).join('\n')}
    INSERT INTO credential (${columns.join(', ')})
      SELECT ${selected.join(', ')} FROM authorized CROSS JOIN copies;
    ${indexes.map(({ sql }) => `${sql};`).join('\n')}
    COMMIT;
  `);
  database.close();
}
