import { DomainError } from '@credential-renewal/runtime';
import {
  DatabaseCredentialsRefusedError,
  DatabaseUnavailableError,
  DatabaseUrlInvalidError,
} from '../errors.ts';

type MongoFailure = {
  name?: string;
  /** A number where the server said it, a word where the system did. */
  code?: unknown;
  message?: string;
  errorLabels?: readonly string[];
  syscall?: string;
  cause?: unknown;
  errorResponse?: unknown;
};

// Error codes of the server, https://www.mongodb.com/docs/manual/reference/error-codes/
const unauthorized = 13;
const authenticationFailed = 18;
const duplicateKey = 11000;
/** The server could not do it now, and it may work in a moment: elections, shutdowns, networks, time limits. */
const passing = new Set<unknown>([
  6,
  7,
  50,
  64,
  89,
  91,
  134,
  189,
  262,
  9001,
  10058,
  10107,
  11600,
  11602,
  13435,
  13436,
  // Of a list that was being read when the primary changed; it is read from its beginning again.
  43,
  // The system's word on a socket, where the driver passes it on as it is: while it waits to write more.
  ...['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT', 'ERR_STREAM_DESTROYED'],
]);
/** The driver's own errors that say the same. */
const passingNames = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoPoolClearedError',
  'MongoWaitQueueTimeoutError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoWriteConcernError',
  'PoolClearedError',
  'PoolClearedOnNetworkError',
  'WaitQueueTimeoutError',
]);

/** The driver's word for a connection string or options that make no sense to it. */
const misuseNames = new Set([
  'MongoParseError',
  'MongoAPIError',
  'MongoInvalidArgumentError',
  'MongoMissingCredentialsError',
  'MongoRuntimeError',
]);

/** Whether the same operation may succeed when it is tried again in a moment. Says nothing on whether it has happened. */
export function isPassing(error: unknown): boolean {
  if (isCredentialsRefusal(error)) return false;
  return layersOf(error).some(
    ({ name = '', code, errorLabels = [] }) =>
      passingNames.has(name) || passing.has(code) || errorLabels.includes('RetryableWriteError'),
  );
}

export function isDuplicateKey(error: unknown): boolean {
  return layersOf(error).some(({ code }) => code === duplicateKey);
}

/** What an error of the driver means. `place` names the database without a user or a password. */
export function explainMongoError(error: unknown, place: string): unknown {
  if (error instanceof DomainError) return error;
  if (isCredentialsRefusal(error)) return new DatabaseCredentialsRefusedError(place, error);
  return isPassing(error) ? new DatabaseUnavailableError(place, error) : error;
}

/** The same for the first connection, for which the names of the servers have to be found and the connection string understood. */
export function explainConnecting(error: unknown, place: string): unknown {
  const { name = '', message = '', syscall = '' } = (error ?? {}) as MongoFailure;
  if (misuseNames.has(name)) return new DatabaseUrlInvalidError(message);
  if (syscall.startsWith('query')) return new DatabaseUnavailableError(place, error);
  return explainMongoError(error, place);
}

/** Wrong user, wrong password, or a right that is lacking. */
export function isCredentialsRefusal(error: unknown): boolean {
  return layersOf(error).some(({ code }) => code === authenticationFailed || code === unauthorized);
}

/** The error and what it only wraps: mongoose and the driver keep that in `cause`, a bulk write in `errorResponse`. */
function layersOf(error: unknown): MongoFailure[] {
  const failure = (error ?? {}) as MongoFailure;
  const wrapped = [failure.cause, failure.errorResponse].find((inner) => inner instanceof Error);
  return failure.code === undefined && wrapped ? [failure, ...layersOf(wrapped)] : [failure];
}
