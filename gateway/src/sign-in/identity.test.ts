import { Role } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { expect, test } from 'vitest';
import { IdentityClaimMissingError } from '../errors.ts';
import { readIdentity } from './identity.ts';

const names = { accountClaim: 'org', accountNameClaim: 'org_name', roleClaim: 'roles' };
const claims = { sub: 's1', org: 'acme', org_name: 'Acme', name: 'Ada', email: 'ada@acme.example' };

test('the configured claims name the account', () => {
  expect(readIdentity(claims, 'https://idp.example', names)).toEqual({
    issuer: 'https://idp.example',
    subject: 's1',
    accountKey: 'acme',
    accountName: 'Acme',
    name: 'Ada',
    email: 'ada@acme.example',
    role: Role.MEMBER,
  });
});

test.each([
  ['admin', Role.ADMIN],
  [['member', 'admin'], Role.ADMIN],
  ['Admin', Role.MEMBER],
  ['administrator', Role.MEMBER],
  [['member'], Role.MEMBER],
  [{ admin: true }, Role.MEMBER],
  [undefined, Role.MEMBER],
])('a role claim %j makes role %i', (roles, role) => {
  expect(readIdentity({ ...claims, roles }, 'i', names).role).toBe(role);
});

test.each([
  { ...claims, org: undefined },
  { ...claims, org: '  ' },
  { ...claims, org: 7 },
  { ...claims, sub: '' },
])('without a subject or an account nobody is signed in', (incomplete) => {
  expect(() => readIdentity(incomplete, 'i', names)).toThrow(IdentityClaimMissingError);
});

test('what a token does not carry is empty', () => {
  const { accountName, name, email } = readIdentity({ sub: 's1', org: 'acme' }, 'i', names);
  expect([accountName, name, email]).toEqual(['acme', '', '']);
});
