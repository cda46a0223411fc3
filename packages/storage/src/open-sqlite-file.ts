import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DatabaseCorruptError, DatabaseForeignError, DatabaseNewerError } from './errors.ts';
import { explainOpening } from './explain-sqlite-error.ts';

/**
 * Opens the file for this process alone and brings its schema up to date. Throws the errors of errors.ts, and then nothing
 * was changed.
 */
export function openSqliteFile(
  path: string,
  name: string,
  migrations: readonly string[],
): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    if (path !== ':memory:') createFile(path);
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
    throw explainOpening(error, path);
  }
}

/** Only for us to read: tokens are encrypted inside, names and e-mail addresses are not. SQLite gives its other files the same mode. */
function createFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function refuseForeign(database: DatabaseSync, path: string, name: string, known: number): void {
  const check = database.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
  if (check.quick_check !== 'ok') throw new DatabaseCorruptError(path, check.quick_check);
  const { tables } = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as {
    tables: number;
  };
  const { application_id } = database.prepare('PRAGMA application_id').get() as {
    application_id: number;
  };
  const { user_version } = database.prepare('PRAGMA user_version').get() as {
    user_version: number;
  };
  if (tables === 0 && application_id === 0 && user_version === 0) return;
  if (application_id !== applicationId(name)) throw new DatabaseForeignError(path, name);
  if (user_version > known) throw new DatabaseNewerError(path, user_version, known);
}

function migrate(database: DatabaseSync, name: string, migrations: readonly string[]): void {
  const { user_version } = database.prepare('PRAGMA user_version').get() as {
    user_version: number;
  };
  // Nothing is written where nothing is new: it opens on a full disk too.
  if (user_version === migrations.length && user_version > 0) return;
  database.exec('BEGIN EXCLUSIVE');
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
