import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import {
  DatabaseCorruptError,
  DatabaseForeignError,
  DatabaseInUseError,
  DatabaseNewerError,
  DatabaseUnavailableError,
} from './errors.ts';

export type SqlValue = string | number | bigint | null | Uint8Array;
export type Row = Record<string, SqlValue>;

/** Statements inside one read or one write; prepared once per text. */
export type Sql = {
  all<T = Row>(text: string, ...values: SqlValue[]): T[];
  get<T = Row>(text: string, ...values: SqlValue[]): T | undefined;
  /** Answers with the number of changed rows. */
  run(text: string, ...values: SqlValue[]): number;
};

export type SqliteDatabase = {
  readonly path: string;
  read<T>(work: (sql: Sql) => T): T;
  /**
   * Runs `work` in a transaction and resolves when it is on disk (WAL, `synchronous=FULL`). Writes that wait at the same
   * time share one commit, so a busy writer pays one fsync for many; each still succeeds or fails alone. `work` must be
   * synchronous.
   */
  write<T>(work: (sql: Sql) => T): Promise<T>;
  /** Resolves when all writes are through. */
  close(): Promise<void>;
};

type Write = {
  work: (sql: Sql) => unknown;
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
};

const largestBatch = 500;

/**
 * Opens (or creates) one of our databases, for this process alone.
 *
 * `name` marks the file (`PRAGMA application_id`), so that another program's or service's file is refused instead of
 * migrated. `migrations` are SQL texts; the file's `user_version` counts those that ran. Forward only.
 */
export function openSqlite(options: {
  path: string;
  name: string;
  migrations: readonly string[];
}): SqliteDatabase {
  const { path, name, migrations } = options;
  const database = open(path, name, migrations);
  const statements = new Map<string, StatementSync>();
  const prepare = (text: string): StatementSync => {
    let statement = statements.get(text);
    if (!statement) {
      statement = database.prepare(text);
      statements.set(text, statement);
    }
    return statement;
  };
  const sql: Sql = {
    all: <T>(text: string, ...values: SqlValue[]) => prepare(text).all(...values) as T[],
    get: <T>(text: string, ...values: SqlValue[]) => prepare(text).get(...values) as T | undefined,
    run: (text, ...values) => Number(prepare(text).run(...values).changes),
  };

  const waiting: Write[] = [];
  let flushing: NodeJS.Immediate | undefined;
  let closed = false;

  function flush(): void {
    flushing = undefined;
    const batch = waiting.splice(0, largestBatch);
    if (waiting.length > 0) flushing = setImmediate(flush);
    const settle: (() => void)[] = [];
    try {
      database.exec('BEGIN IMMEDIATE');
      for (const write of batch) settle.push(runInSavepoint(write));
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      const told = new DatabaseUnavailableError(path, error);
      for (const write of batch) write.reject(told);
      return;
    }
    for (const done of settle) done();
  }

  function runInSavepoint(write: Write): () => void {
    database.exec('SAVEPOINT one');
    try {
      const result = write.work(sql);
      database.exec('RELEASE one');
      return () => write.resolve(result as never);
    } catch (error) {
      // A full disk can end the whole transaction; then there is no savepoint to go back to, and the batch has failed.
      if (!database.isTransaction) throw error;
      database.exec('ROLLBACK TO one');
      database.exec('RELEASE one');
      return () => write.reject(error);
    }
  }

  return {
    path,
    read: (work) => work(sql),
    write<T>(work: (sql: Sql) => T) {
      return new Promise<T>((resolve, reject) => {
        if (closed) return reject(new DatabaseUnavailableError(path, 'it is closed'));
        waiting.push({ work, resolve, reject });
        flushing ??= setImmediate(flush);
      });
    },
    async close() {
      closed = true;
      while (waiting.length > 0) flush();
      if (flushing) clearImmediate(flushing);
      statements.clear();
      database.close();
    },
  };
}

function open(path: string, name: string, migrations: readonly string[]): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    database = new DatabaseSync(path);
    // Exclusive before the first access: WAL then needs no shared memory, and a second process is refused.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('PRAGMA busy_timeout = 0');
    refuseForeign(database, path, name, migrations.length);
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA foreign_keys = ON');
    migrate(database, name, migrations);
    return database;
  } catch (error) {
    database?.close();
    throw explain(error, path);
  }
}

function refuseForeign(database: DatabaseSync, path: string, name: string, known: number): void {
  const check = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
  if (check.quick_check !== 'ok') throw new DatabaseCorruptError(path, check.quick_check);
  const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as {
    tables: number;
  };
  if (tables === 0) return;
  const { application_id } = database.prepare('PRAGMA application_id').get() as {
    application_id: number;
  };
  if (application_id !== applicationId(name)) throw new DatabaseForeignError(path, name);
  const { user_version } = database.prepare('PRAGMA user_version').get() as {
    user_version: number;
  };
  if (user_version > known) throw new DatabaseNewerError(path, user_version, known);
}

function migrate(database: DatabaseSync, name: string, migrations: readonly string[]): void {
  database.exec('BEGIN EXCLUSIVE');
  const { user_version } = database.prepare('PRAGMA user_version').get() as {
    user_version: number;
  };
  for (const migration of migrations.slice(user_version)) database.exec(migration);
  database.exec(`PRAGMA application_id = ${applicationId(name)}`);
  database.exec(`PRAGMA user_version = ${migrations.length}`);
  database.exec('COMMIT');
}

/** A positive 31-bit hash (FNV-1a) of the name. */
function applicationId(name: string): number {
  let hash = 0x811c9dc5;
  for (const char of `credential-renewal/${name}`)
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return hash & 0x7fffffff;
}

function explain(error: unknown, path: string): unknown {
  const { errcode } = error as { errcode?: number };
  // Primary result codes: https://www.sqlite.org/rescode.html (5 BUSY, 11 CORRUPT, 26 NOTADB).
  switch ((errcode ?? 0) & 0xff) {
    case 5:
      return new DatabaseInUseError(path);
    case 11:
    case 26:
      return new DatabaseCorruptError(path, error);
    case 0:
      return error;
    default:
      return new DatabaseUnavailableError(path, error);
  }
}
