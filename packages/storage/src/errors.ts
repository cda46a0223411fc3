import { DomainError } from '@credential-renewal/runtime';

/** The file is damaged, or no SQLite database at all. Nothing was written to it. */
export class DatabaseCorruptError extends DomainError {
  constructor(path: string, cause: unknown) {
    super(
      'internal',
      'DATABASE_CORRUPT',
      `${path} is damaged or is not a database. Nothing was changed; restore it from a backup or move it away.`,
      { cause },
    );
  }
}

/** The file is a database, but not one of ours, or of another service. */
export class DatabaseForeignError extends DomainError {
  constructor(path: string, name: string) {
    super(
      'internal',
      'DATABASE_FOREIGN',
      `${path} is not a database of ${name}. Nothing was changed; point the setting elsewhere or move the file away.`,
    );
  }
}

export class DatabaseNewerError extends DomainError {
  constructor(path: string, found: number, known: number) {
    super(
      'internal',
      'DATABASE_NEWER',
      `${path} has schema version ${found}, and this release knows only ${known}. Nothing was changed; start the newer release.`,
    );
  }
}

export class DatabaseInUseError extends DomainError {
  constructor(path: string) {
    super(
      'unavailable',
      'DATABASE_IN_USE',
      `${path} is in use by another process; a data directory serves one process at a time.`,
    );
  }
}

/** Disk full, directory not writable, closed. */
export class DatabaseUnavailableError extends DomainError {
  constructor(path: string, cause: unknown) {
    super(
      'unavailable',
      'DATABASE_UNAVAILABLE',
      `${path} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** The URL of an embedded engine names no usable path. The URL itself is not repeated: it came from the configuration. */
export class UrlPathInvalidError extends DomainError {
  /** The sentence without its subject, for whoever can name the setting. */
  readonly detail: string;
  constructor(detail: string) {
    super('invalid_argument', 'URL_PATH_INVALID', `The URL of an embedded engine ${detail}.`);
    this.detail = detail;
  }
}

/** The database server does not let us in, or not do what we have to. */
export class DatabaseCredentialsRefusedError extends DomainError {
  constructor(place: string, cause: unknown) {
    super(
      'failed_precondition',
      'DATABASE_CREDENTIALS_REFUSED',
      `${place} refuses our credentials: check STORE_USERNAME and STORE_PASSWORD_FILE, or the user in STORE_URL, and that this user may read and write the database.`,
      { cause },
    );
  }
}

/** The migration command has not run on this database, or not that of this release. */
export class DatabaseUnmigratedError extends DomainError {
  constructor(place: string, service: string, found: number, needed: number) {
    super(
      'failed_precondition',
      'DATABASE_UNMIGRATED',
      `${place} has schema version ${found}, and this release needs ${needed}: run services/${service}/src/migrate.ts with the same STORE_URL.`,
    );
  }
}

/** A migration stopped; it can be run again as it is. */
export class DatabaseMigrationFailedError extends DomainError {
  constructor(place: string, migration: string, cause: unknown) {
    super(
      'failed_precondition',
      'DATABASE_MIGRATION_FAILED',
      `${place} could not be migrated (${migration}): ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
