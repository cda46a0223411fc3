import { DomainError } from '@credential-renewal/runtime';
import { DatabaseCorruptError, DatabaseInUseError, DatabaseUnavailableError } from './errors.ts';

// Primary result codes, https://www.sqlite.org/rescode.html
const sqliteError = 1;
const sqliteBusy = 5;
const sqliteReadOnly = 8;
const sqliteIo = 10;
const sqliteCorrupt = 11;
const sqliteFull = 13;
const sqliteCannotOpen = 14;
const sqliteNotADatabase = 26;

/** What an error while opening means. */
export function explainOpening(error: unknown, path: string): unknown {
  if (error instanceof DomainError) return error;
  switch (primaryCode(error)) {
    case sqliteBusy:
      return new DatabaseInUseError(path);
    case sqliteCorrupt:
    case sqliteNotADatabase:
      return new DatabaseCorruptError(path, error);
    case sqliteError:
      // A migration's own mistake.
      return error;
    default:
      return new DatabaseUnavailableError(path, error);
  }
}

/** What an error in a statement means: trouble with the disk is named, a mistake of the caller stays as it is. */
export function explainStatement(error: unknown, path: string): unknown {
  switch (primaryCode(error)) {
    case sqliteCorrupt:
    case sqliteNotADatabase:
      return new DatabaseCorruptError(path, error);
    case sqliteReadOnly:
    case sqliteIo:
    case sqliteFull:
    case sqliteCannotOpen:
      return new DatabaseUnavailableError(path, error);
    default:
      return error;
  }
}

/** Undefined when the error is not SQLite's. */
function primaryCode(error: unknown): number | undefined {
  const errcode = (error as { errcode?: number } | undefined | null)?.errcode;
  return errcode === undefined ? undefined : errcode & 0xff;
}
