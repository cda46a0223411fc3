import { AsyncLocalStorage } from 'node:async_hooks';
import type { StatementSync } from 'node:sqlite';
import { DatabaseUnavailableError } from './errors.ts';
import { explainStatement } from './explain-sqlite-error.ts';
import { openSqliteFile } from './open-sqlite-file.ts';

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
  /** Throws DatabaseUnavailableError when closed. */
  read<T>(work: (sql: Sql) => T): T;
  /**
   * Runs `work` in a transaction and resolves when it is on disk (WAL, `synchronous=FULL`). Writes that wait at the same
   * time share one commit, so a busy writer pays one fsync for many; each still succeeds or fails alone. `work` must be
   * synchronous; a promise from it is refused, because what follows its first `await` would be outside the transaction.
   */
  write<T>(work: (sql: Sql) => T): Promise<T>;
  /** Undefined: the last write that had something to store did. Otherwise why not; to be asked is to try again. */
  problem(): string | undefined;
  /** Resolves when all writes are through. */
  close(): Promise<void>;
};

type Write = {
  work: (sql: Sql) => unknown;
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
};

const largestBatch = 500;
/** More texts than a service has; a text built for each call must not fill the memory. */
const mostStatements = 500;

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
  const database = openSqliteFile(path, name, migrations);
  const statements = new Map<string, StatementSync>();
  const prepare = (text: string): StatementSync => {
    let statement = statements.get(text);
    if (!statement) {
      if (statements.size >= mostStatements) statements.clear();
      statement = database.prepare(text);
      statements.set(text, statement);
    }
    return statement;
  };
  /** A write that finds nothing to change succeeds on a full disk too. */
  let changedRows = 0;
  let problem: DatabaseUnavailableError | undefined;
  let trying = false;
  const sql: Sql = {
    all: <T>(text: string, ...values: SqlValue[]) => prepare(text).all(...values) as T[],
    get: <T>(text: string, ...values: SqlValue[]) => prepare(text).get(...values) as T | undefined,
    run: (text, ...values) => {
      const changes = Number(prepare(text).run(...values).changes);
      changedRows += changes;
      return changes;
    },
  };

  const waiting: Write[] = [];
  let flushing: NodeJS.Immediate | undefined;
  let closed = false;

  function flush(): void {
    flushing = undefined;
    const batch = waiting.splice(0, largestBatch);
    if (waiting.length > 0) flushing = setImmediate(flush);
    const settle: (() => void)[] = [];
    changedRows = 0;
    try {
      database.exec('BEGIN IMMEDIATE');
      for (const write of batch) settle.push(runInSavepoint(write));
      database.exec('COMMIT');
    } catch (error) {
      rollBack();
      const told = new DatabaseUnavailableError(path, error);
      problem = told;
      for (const write of batch) write.reject(told);
      return;
    }
    if (changedRows > 0) problem = undefined;
    for (const done of settle) done();
  }

  function rollBack(): void {
    try {
      if (database.isTransaction) database.exec('ROLLBACK');
    } catch {
      // The error that led here is the one to tell; the next BEGIN fails if the transaction is still open.
    }
  }

  function runInSavepoint(write: Write): () => void {
    database.exec('SAVEPOINT one');
    try {
      const result = write.work(sql);
      if (isPromise(result)) throw new TypeError('the work of a write must be synchronous');
      database.exec('RELEASE one');
      return () => write.resolve(result as never);
    } catch (error) {
      // A full disk can end the whole transaction; then there is no savepoint to go back to, and the batch has failed.
      if (!database.isTransaction) throw error;
      database.exec('ROLLBACK TO one');
      database.exec('RELEASE one');
      const told = explainStatement(error, path);
      return () => {
        if (told instanceof DatabaseUnavailableError) problem = told;
        write.reject(told);
      };
    }
  }

  function write<T>(work: (sql: Sql) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (closed) return reject(new DatabaseUnavailableError(path, 'it is closed'));
      // The batch runs in the context of whoever began it; an event built in `work` belongs to its own caller's trace.
      waiting.push({ work: AsyncLocalStorage.bind(work), resolve, reject });
      flushing ??= setImmediate(flush);
    });
  }

  /** Writes what stands there already: without it, a service that has nothing else to store would not see that there is room again. */
  function tryAgain(): void {
    if (trying || closed) return;
    trying = true;
    const same = () => {
      database.exec(`PRAGMA user_version = ${migrations.length}`);
      changedRows++;
    };
    write(same)
      .catch(() => undefined)
      .finally(() => {
        trying = false;
      });
  }

  return {
    path,
    read(work) {
      if (!database.isOpen) throw new DatabaseUnavailableError(path, 'it is closed');
      try {
        return work(sql);
      } catch (error) {
        throw explainStatement(error, path);
      }
    },
    write,
    problem() {
      if (problem) tryAgain();
      return problem?.message;
    },
    async close() {
      closed = true;
      while (waiting.length > 0) flush();
      if (flushing) clearImmediate(flushing);
      statements.clear();
      if (database.isOpen) database.close();
    },
  };
}

function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | undefined | null)?.then === 'function';
}
