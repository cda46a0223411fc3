import { expect, test } from 'vitest';
import { entryOfOutcome, entryOfSource, renewalPath } from './renewal-entry.ts';

const workspace = { kind: 'workspace', workspaceId: 'w1' } as const;

test('each entry point starts its renewal on its own path', () => {
  expect(renewalPath({ kind: 'my-sources', sourceId: 's1' })).toBe('/my-sources/s1/renewals');
  expect(renewalPath({ ...workspace, sourceId: 's1' })).toBe('/workspaces/w1/sources/s1/renewals');
  expect(renewalPath({ kind: 'authorized-connection', connectionId: 'c1' })).toBe(
    '/authorized-connections/c1/renewals',
  );
});

test('an id cannot leave its place in the path', () => {
  expect(renewalPath({ kind: 'my-sources', sourceId: '../me' })).toBe(
    '/my-sources/..%2Fme/renewals',
  );
});

test('a source backed by a connection is renewed through the connection', () => {
  const source = { id: 's1', authorizedConnection: { id: 'c1', name: 'Slack' } };
  expect(entryOfSource(source, workspace)).toEqual({
    kind: 'authorized-connection',
    connectionId: 'c1',
  });
  expect(entryOfSource({ ...source, authorizedConnection: null }, workspace)).toEqual({
    ...workspace,
    sourceId: 's1',
  });
});

test('trying again starts from the page the person is on', () => {
  const outcome = { sourceId: 's1', authorizedConnectionId: null };
  expect(entryOfOutcome(outcome, workspace)).toEqual({ ...workspace, sourceId: 's1' });
  expect(entryOfOutcome(outcome, { kind: 'my-sources' })).toEqual({
    kind: 'my-sources',
    sourceId: 's1',
  });
  expect(entryOfOutcome({ sourceId: null, authorizedConnectionId: null }, workspace)).toBe(
    undefined,
  );
});
