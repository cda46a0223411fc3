import { DomainError, type ErrorKind, InputInvalidError } from '@credential-renewal/runtime';
import { expect, test } from 'vitest';
import { pointerOf, problemOf } from './problem.ts';

test.each<[ErrorKind, number]>([
  ['invalid_argument', 400],
  ['unauthenticated', 401],
  ['permission_denied', 403],
  ['not_found', 404],
  ['already_exists', 409],
  ['failed_precondition', 409],
  ['aborted', 409],
  ['resource_exhausted', 429],
  ['unavailable', 503],
  ['deadline_exceeded', 504],
  ['internal', 500],
])('%s becomes %i', (kind, status) => {
  const { problem, unexpected } = problemOf(new DomainError(kind, 'SOME_CODE', 'Some words.'));
  expect(problem.status).toBe(status);
  expect(problem.code).toBe(kind === 'internal' ? 'INTERNAL_ERROR' : 'SOME_CODE');
  expect(unexpected).toBe(kind === 'internal');
});

test('a wait that a service asks for is rounded up to whole seconds', () => {
  const error = new DomainError('unavailable', 'X', 'x', { retryAfterMs: 1_200 });
  expect(problemOf(error).headers).toEqual({ 'retry-after': '2' });
});

test('fields of a message become pointers into the body', () => {
  const error = new InputInvalidError([{ field: 'workspace_id', description: 'must be a UUID' }]);
  const { problem } = problemOf(error);
  expect(problem.errors).toEqual([{ pointer: '/workspaceId', detail: 'must be a UUID' }]);
  expect(problem.detail).toBe('/workspaceId must be a UUID');
  expect(pointerOf('user_ids[3]')).toBe('/userIds/3');
  expect(pointerOf('connector.provider_name')).toBe('/connector/providerName');
});

test.each([new Error('a secret'), new TypeError('a secret'), 'a secret', undefined, null])(
  'anything else says nothing of itself',
  (error) => {
    const answer = problemOf(error);
    expect(answer.unexpected).toBe(true);
    expect(JSON.stringify(answer.problem)).not.toContain('secret');
  },
);
