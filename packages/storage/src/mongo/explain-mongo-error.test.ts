import { expect, test } from 'vitest';
import {
  DatabaseCredentialsRefusedError,
  DatabaseUnavailableError,
  DatabaseUrlInvalidError,
} from '../errors.ts';
import {
  explainConnecting,
  explainMongoError,
  isDuplicateKey,
  isPassing,
} from './explain-mongo-error.ts';

const place = 'mongodb://127.0.0.1:27017/vault';

function failure(fields: {
  name?: string;
  code?: unknown;
  message?: string;
  cause?: unknown;
  errorResponse?: unknown;
  errorLabels?: string[];
  syscall?: string;
}): Error {
  return Object.assign(new Error(fields.message ?? 'refused'), fields);
}

test.each([
  ['a primary that stepped down', { code: 189 }],
  ['a server that is no primary', { code: 10_107 }],
  ['a server that shuts down', { code: 91 }],
  ['an election that ended the operation', { code: 11_602 }],
  ['a majority that did not answer in time', { name: 'MongoWriteConcernError', code: 64 }],
  ['a cursor of a server that was primary', { code: 43 }],
  ['a connection that broke', { name: 'MongoNetworkError' }],
  ['a socket that broke under a write', { code: 'ECONNRESET', syscall: 'write' }],
  ['a socket that was closed under a write', { code: 'EPIPE', syscall: 'write' }],
  ['a pool that was cleared', { name: 'MongoPoolClearedError' }],
  ['no server in time', { name: 'MongooseServerSelectionError' }],
  ['a pool that is used up', { name: 'MongoWaitQueueTimeoutError' }],
  ['what the server says can be repeated', { code: 12_345, errorLabels: ['RetryableWriteError'] }],
  [
    'one of them that mongoose has wrapped',
    { name: 'MongooseError', cause: failure({ code: 189 }) },
  ],
  [
    'one of them within a bulk write',
    { name: 'MongoBulkWriteError', errorResponse: failure({ name: 'MongoNetworkError' }) },
  ],
])('%s may pass, and is told as a database that cannot be used', (_what, fields) => {
  const error = failure(fields);
  expect(isPassing(error)).toBe(true);
  const explained = explainMongoError(error, place);
  expect(explained).toBeInstanceOf(DatabaseUnavailableError);
  expect(explained).toMatchObject({ message: `${place} cannot be used: refused`, cause: error });
});

test.each([
  ['a login that failed', { code: 18 }],
  ['a right that is lacking', { code: 13 }],
  [
    'one of them with a label',
    { code: 18, errorLabels: ['HandshakeError', 'RetryableWriteError'] },
  ],
  [
    'one of them within another',
    { name: 'MongoServerSelectionError', cause: failure({ code: 18 }) },
  ],
])('%s will not pass, and is told by the settings to check', (_what, fields) => {
  const error = failure(fields);
  expect(isPassing(error)).toBe(false);
  const explained = explainMongoError(error, place);
  expect(explained).toBeInstanceOf(DatabaseCredentialsRefusedError);
  expect(explained).toMatchObject({
    message: expect.stringMatching(/STORE_USERNAME and STORE_PASSWORD_FILE.*STORE_URL/),
  });
});

test.each([
  ['a mistake of ours', new TypeError('undefined is no function')],
  ['a value that is taken', failure({ code: 11_000 })],
  ['a system error, whose code is a word', failure({ code: 'ENOENT' })],
  ['what was explained before', new DatabaseUnavailableError(place, failure({ code: 189 }))],
  ['nothing', undefined],
])('%s is no trouble with the database, and stays as it is', (_what, error) => {
  expect(isPassing(error)).toBe(false);
  expect(explainMongoError(error, place)).toBe(error);
});

test('a taken value is known by its code', () => {
  expect(isDuplicateKey(failure({ code: 11_000 }))).toBe(true);
  expect(isDuplicateKey(failure({ code: 189 }))).toBe(false);
});

test('at the first connection a connection string can be wrong, and its host unknown', () => {
  const wrong = failure({ name: 'MongoParseError', message: 'option magic is not supported' });
  expect(explainConnecting(wrong, place)).toEqual(
    new DatabaseUrlInvalidError('option magic is not supported'),
  );
  const unknown = failure({ code: 'ENOTFOUND', syscall: 'querySrv' });
  expect(explainConnecting(unknown, place)).toBeInstanceOf(DatabaseUnavailableError);
  expect(explainConnecting(failure({ code: 18 }), place)).toBeInstanceOf(
    DatabaseCredentialsRefusedError,
  );
});
