import { DomainError } from '@credential-renewal/runtime';
import { DatabaseCredentialsRefusedError, DatabaseUnavailableError } from '../errors.ts';

type MongoFailure = { name?: string; code?: number; message?: string; errorLabels?: unknown };

// Error codes of the server, https://www.mongodb.com/docs/manual/reference/error-codes/
const unauthorized = 13;
const authenticationFailed = 18;
const duplicateKey = 11000;
/** The server could not do it now, and it may work in a moment: elections, shutdowns, networks, time limits. */
const passing = new Set([
  6, 7, 50, 64, 89, 91, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436,
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

/** Whether the same operation may succeed when it is tried again in a moment. Says nothing on whether it has happened. */
export function isPassing(error: unknown): boolean {
  const { name = '', code, errorLabels } = failureOf(error);
  if (isCredentialsRefusal(error)) return false;
  return (
    passingNames.has(name) ||
    (code !== undefined && passing.has(code)) ||
    (Array.isArray(errorLabels) && errorLabels.includes('RetryableWriteError'))
  );
}

export function isDuplicateKey(error: unknown): boolean {
  return failureOf(error).code === duplicateKey;
}

/** Which unique index refused the document; the name that its migration gave it. */
export function duplicateIndex(error: unknown): string {
  return / index: (\S+)/.exec(failureOf(error).message ?? '')?.[1] ?? '';
}

/** What an error of the driver means. `place` names the database without a user or a password. */
export function explainMongoError(error: unknown, place: string): unknown {
  if (error instanceof DomainError) return error;
  if (isCredentialsRefusal(error)) return new DatabaseCredentialsRefusedError(place, error);
  return isPassing(error) ? new DatabaseUnavailableError(place, error) : error;
}

function isCredentialsRefusal(error: unknown): boolean {
  const { code } = failureOf(error);
  return code === authenticationFailed || code === unauthorized;
}

/** The server's word stands in `cause` where the driver or mongoose has wrapped it. */
function failureOf(error: unknown): MongoFailure {
  const failure = (error ?? {}) as MongoFailure & { cause?: unknown };
  if (failure.code === undefined && failure.cause instanceof Error) {
    return { ...failureOf(failure.cause), name: failure.name, message: failure.message };
  }
  return {
    name: failure.name,
    code: typeof failure.code === 'number' ? failure.code : undefined,
    message: failure.message,
    errorLabels: (error as { errorLabels?: unknown } | undefined)?.errorLabels,
  };
}
