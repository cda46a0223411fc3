import { expect, test } from 'vitest';
import { exampleAuthorization } from '../store/authorization-store.contract.ts';
import {
  type AuthorizationStatus,
  begin,
  end,
  hasExpired,
  startExchange,
  takeUp,
} from './authorization.ts';

const binding = {
  issuer: 'https://provider.example',
  authorizationEndpoint: 'https://provider.example/authorize',
  tokenEndpoint: 'https://provider.example/token',
  redirectUri: 'https://product.example/oauth/callback',
  expectsIssuer: true,
  ownRedirectUri: false,
};
const bound = { stateHash: 'newer', browserSecretHash: 'secret-hash', binding };
const everyStatus: AuthorizationStatus[] = [
  'started',
  'begun',
  'exchanging',
  'verifying',
  'succeeded',
  'insufficient_scope',
  'wrong_account',
  'cancelled',
  'failed',
];

test.each(everyStatus)('from %s it can be begun only while nobody has come back', (status) => {
  const attempt = () => begin(exampleAuthorization({ status }), bound, 2_000);
  if (status === 'started' || status === 'begun') {
    expect(attempt()).toMatchObject({ status: 'begun', stateHash: 'newer' });
  } else {
    expect(attempt).toThrow('was already used');
  }
});

test.each(everyStatus)('from %s the code may be spent only if it was begun', (status) => {
  const attempt = () => startExchange(exampleAuthorization({ status }), 2_000);
  if (status === 'begun') expect(attempt().status).toBe('exchanging');
  else expect(attempt).toThrow(/was already used|was never begun/);
});

test('ten minutes are its whole life, to the millisecond', () => {
  const authorization = exampleAuthorization();
  expect(startExchange(authorization, 600_999).status).toBe('exchanging');
  expect(() => startExchange(authorization, 601_000)).toThrow('older than ten minutes');
  expect(hasExpired(authorization, 601_000)).toBe(true);
  expect(hasExpired(exampleAuthorization({ status: 'verifying' }), 601_000)).toBe(false);
});

test('an end is final', () => {
  const ended = end(exampleAuthorization(), 'cancelled', {}, 2_000);
  expect(() => end(ended, 'succeeded', {}, 3_000)).toThrow('has ended');
});

test('what was left behind is taken up once: the next who finds it waits as long as the first', () => {
  const left = exampleAuthorization({ status: 'exchanging', updatedAtMs: 1_000 });
  const taken = takeUp(left, 31_000);
  expect(taken).toMatchObject({ status: 'verifying', updatedAtMs: 31_000 });
  expect(() => takeUp(taken, 31_000)).toThrow(
    expect.objectContaining({ code: 'AUTHORIZATION_TAKEN' }),
  );
  expect(() => takeUp(left, 30_999)).toThrow(
    expect.objectContaining({ code: 'AUTHORIZATION_TAKEN' }),
  );
  expect(takeUp(taken, 61_000)).toMatchObject({ updatedAtMs: 61_000 });
  const over = exampleAuthorization({ status: 'succeeded', updatedAtMs: 1_000 });
  expect(() => takeUp(over, 31_000)).toThrow(
    expect.objectContaining({ code: 'AUTHORIZATION_ENDED' }),
  );
});
