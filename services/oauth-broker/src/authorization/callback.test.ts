import { expect, test } from 'vitest';
import { findMixUp, parseCallback } from './callback.ts';

const binding = {
  issuer: 'https://provider.example',
  authorizationEndpoint: '',
  tokenEndpoint: '',
  redirectUri: '',
  expectsIssuer: true,
  ownRedirectUri: false,
};
const redirect = { providerId: 'orchard', redirectProviderId: undefined };

test('a code and an error are told apart, and an error wins', () => {
  expect(parseCallback('code=c&state=s&iss=https%3A%2F%2Fp')).toEqual({
    state: 's',
    issuer: 'https://p',
    result: { kind: 'code' },
  });
  expect(parseCallback('state=s&error=access_denied&code=c').result).toEqual({
    kind: 'error',
    error: 'access_denied',
  });
});

test.each(['', 'code=c', 'state=s', 'state=', 'code=c&state=s&state=t', 'code=c&code=d&state=s'])(
  'the query "%s" is refused by name',
  (query) => {
    expect(() => parseCallback(query)).toThrow(/callback_query/);
  },
);

test('an error that is no code is not repeated', () => {
  const { result } = parseCallback('state=s&error=%3Cscript%3E');
  expect(result).toEqual({ kind: 'error', error: 'unreadable_error' });
});

test.each([
  ['the right issuer', 'https://provider.example', {}, {}, undefined],
  ['another issuer', 'https://evil.example', {}, {}, 'names another issuer'],
  [
    'another issuer where none is promised',
    'https://evil.example',
    { expectsIssuer: false },
    {},
    'names another issuer',
  ],
  ['no issuer where one is promised', undefined, {}, {}, 'does not name its issuer'],
  ['no issuer where none is promised', undefined, { expectsIssuer: false }, {}, undefined],
  [
    'its own redirect URI',
    undefined,
    { expectsIssuer: false, ownRedirectUri: true },
    { redirectProviderId: 'orchard' },
    undefined,
  ],
  [
    'another one’s redirect URI',
    undefined,
    { expectsIssuer: false, ownRedirectUri: true },
    { redirectProviderId: 'chatter' },
    'came to another redirect URI',
  ],
  [
    'the common redirect URI instead of its own',
    undefined,
    { expectsIssuer: false, ownRedirectUri: true },
    {},
    'came to another redirect URI',
  ],
])('%s', (_, issuer, bindingChanges, redirectChanges, expected) => {
  const callback = { state: 's', issuer, result: { kind: 'code' as const } };
  expect(
    findMixUp(callback, { ...binding, ...bindingChanges }, { ...redirect, ...redirectChanges }),
  ).toBe(expected);
});
