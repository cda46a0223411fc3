import { expect, test } from 'vitest';
import { joinScopes, missingScopes, normaliseScopes, scopesToRequest } from './scopes.ts';

const provider = {
  scopes: {
    separator: 'comma' as const,
    always: ['openid'],
    neverReturned: ['offline_access'],
    aliases: { 'https://provider.example/files.read': 'files.read' },
  },
};

test('the provider’s own scopes and those of all connectors are requested, each once', () => {
  const connectors = [{ scopes: ['files.read', 'a'] }, { scopes: ['files.read', 'b'] }];
  const scopes = scopesToRequest(provider, connectors);
  expect(scopes).toEqual(['openid', 'files.read', 'a', 'b']);
  expect(joinScopes(provider, scopes)).toBe('openid,files.read,a,b');
  expect(joinScopes({}, scopes)).toBe('openid files.read a b');
});

test('an answer is read in the catalogue’s words, whichever separator it has', () => {
  expect(normaliseScopes(provider, 'https://provider.example/files.read,a  b')).toEqual([
    'files.read',
    'a',
    'b',
  ]);
  expect(normaliseScopes(provider, '')).toEqual([]);
});

test('what is never returned is not missing', () => {
  expect(missingScopes(provider, ['files.read', 'offline_access', 'a'], ['files.read'])).toEqual([
    'a',
  ]);
});
