import { accessSync, constants, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DomainError } from '@credential-renewal/runtime';

export class DataDirectoryUnusableError extends DomainError {
  constructor(directory: string, cause: unknown) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    super(
      'unavailable',
      'DATA_DIRECTORY_UNUSABLE',
      `DATA_DIR (${directory}) cannot be used: ${problem}. Choose a directory that this user may write to.`,
      { cause },
    );
  }
}

/** Makes the data directory, for this user only, and finds out now whether it can be written to. */
export function prepareDataDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new DataDirectoryUnusableError(directory, error);
  }
}

/**
 * A directory for the services' unix sockets. Not below DATA_DIR: a socket's path may have 107 bytes only
 * (`sockaddr_un`), and some temporary directories (macOS) are long themselves.
 */
export function makeSocketDirectory(): string {
  const base = tmpdir().length > 60 ? '/tmp' : tmpdir();
  return mkdtempSync(join(base, 'cr-'));
}
