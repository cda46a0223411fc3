import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { expect, test } from 'vitest';
import { type ScopeGrant, scopeUpgrade } from './scope-upgrade.ts';

const provider = {
  scopes: {
    always: ['openid'],
    neverReturned: ['offline_access'],
    aliases: { 'https://provider.example/read': 'read' },
  },
};

const granted = (...scopes: string[]): Partial<ScopeGrant> => ({
  requiredScopes: scopes,
  grantedScopes: scopes,
});

test.each<[string, string[], Partial<ScopeGrant>, string[]]>([
  ['nothing has changed', ['read'], granted('read'), []],
  ['a release added one', ['read', 'write'], granted('read'), ['write']],
  [
    'a release added two: in the order of the catalogue',
    ['b', 'read', 'a'],
    granted('read'),
    ['b', 'a'],
  ],
  ['a release took one away', ['read'], granted('read', 'write'), []],
  ['it added and took away', ['write'], granted('read'), ['write']],
  ['it takes back what it took away', ['read', 'write'], granted('read', 'write'), []],
  [
    'what it adds is never returned, and was not asked for then',
    ['read', 'offline_access'],
    granted('read'),
    ['offline_access'],
  ],
  [
    'the same once it was granted with that required: the answer still lacks it',
    ['read', 'offline_access'],
    { requiredScopes: ['read', 'offline_access'], grantedScopes: ['read'] },
    [],
  ],
  ['what it adds is asked for always', ['read', 'openid'], granted('read'), []],
  [
    'more was granted than was required, and the release requires that',
    ['read', 'write'],
    { requiredScopes: ['read'], grantedScopes: ['read', 'write'] },
    [],
  ],
  [
    'the provider names fewer at a refresh than it gave',
    ['read', 'list'],
    { requiredScopes: ['read', 'list'], grantedScopes: ['read'] },
    [],
  ],
  [
    'the same and a release added one',
    ['read', 'list', 'write'],
    { requiredScopes: ['read', 'list'], grantedScopes: ['read'] },
    ['write'],
  ],
  [
    'an alias that came after the grant: the answer was kept in the provider’s words',
    ['read'],
    { requiredScopes: [], grantedScopes: ['https://provider.example/read'] },
    [],
  ],
  [
    'a release renamed one, with the old name as an alias',
    ['read'],
    granted('https://provider.example/read'),
    [],
  ],
  [
    'a release renamed one, without an alias: another scope',
    ['files.read'],
    granted('read'),
    ['files.read'],
  ],
  ['the connector needed none, and now one', ['read'], granted(), ['read']],
  ['the connector needs none any more', [], granted('read'), []],
])('%s', (_what, requiredNow, grant, missing) => {
  const living = {
    status: CredentialStatus.HEALTHY,
    requiredScopes: [],
    grantedScopes: [],
    ...grant,
  };
  expect(scopeUpgrade(provider, requiredNow, living)).toEqual(missing);
});

test.each<[keyof typeof CredentialStatus, boolean]>([
  ['HEALTHY', true],
  ['EXPIRING', true],
  ['DELAYED', false],
  ['EXPIRED', false],
  ['INSUFFICIENT_SCOPE', false],
  ['REVOKING', false],
  ['UNSPECIFIED', false],
])('a credential that is %s is asked: %s', (status, asked) => {
  const grant = { status: CredentialStatus[status], requiredScopes: ['a'], grantedScopes: ['a'] };
  expect(scopeUpgrade({}, ['a', 'b'], grant)).toEqual(asked ? ['b'] : []);
});

test('a provider that says nothing of its scopes compares them by name', () => {
  const grant = { status: CredentialStatus.HEALTHY, requiredScopes: ['A'], grantedScopes: ['A'] };
  expect(scopeUpgrade({}, ['A', 'a'], grant)).toEqual(['a']);
});
