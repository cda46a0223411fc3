import { expect, test } from 'vitest';
import { makeUse } from '../testing/fixtures.ts';
import { renewalLink } from './renewal-link.ts';

const publicUrl = new URL('https://app.example');
const workspace = { id: 'w-1', name: 'Sales' };
const connection = makeUse({ kind: 'authorized_connection', id: 'c-1', why: 'owner' });

test.each([
  ['a creator to My sources', [makeUse()], '/my-sources?source=source-1'],
  [
    'a creator to My sources also from a workspace',
    [makeUse({ workspace })],
    '/my-sources?source=source-1',
  ],
  [
    'the keeper of a connection to Authorized connections',
    [connection],
    '/authorized-connections?connection=c-1',
  ],
  [
    'who stands in for a creator to the workspace',
    [makeUse({ why: 'creator_left', workspace })],
    '/workspaces/w-1?source=source-1',
  ],
  [
    'who stands in without a workspace to the source',
    [makeUse({ why: 'creator_left' })],
    '/sources/source-1',
  ],
  [
    'who has several to their own source first',
    [makeUse({ why: 'creator_left', id: 's-0' }), connection, makeUse()],
    '/my-sources?source=source-1',
  ],
  [
    'who stands in and keeps the connection to the connection',
    [makeUse({ why: 'creator_left' }), connection],
    '/authorized-connections?connection=c-1',
  ],
])('the link leads %s', (_, uses, expected) => {
  expect(renewalLink(publicUrl, uses)).toBe(`https://app.example${expected}`);
});

test('a public URL with a path keeps it, and an id cannot leave its place', () => {
  expect(renewalLink(new URL('https://app.example/renewal/'), [makeUse({ id: 'a&b=c#d' })])).toBe(
    'https://app.example/renewal/my-sources?source=a%26b%3Dc%23d',
  );
});
