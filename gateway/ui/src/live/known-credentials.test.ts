import type { LiveEvent } from '@credential-renewal/gateway/http-types';
import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { queryKeys } from '../api/query-keys.ts';
import { knownBefore } from './known-credentials.ts';

const drive = { id: 's1', name: 'Drive', credential: { status: 'healthy' } };
const slack = { id: 'c1', name: 'Slack', credential: { status: 'expired' } };

function event(change: Partial<LiveEvent>): LiveEvent {
  return {
    sourceId: null,
    authorizedConnectionId: null,
    workspaceId: null,
    status: 'expired',
    version: 2,
    ...change,
  };
}

test('a source is known from a list and from its own page', () => {
  const list = new QueryClient();
  list.setQueryData(queryKeys.mySources, { pages: [{ items: [drive] }], pageParams: [null] });
  expect(knownBefore(list, event({ sourceId: 's1' }))).toEqual({
    name: 'Drive',
    status: 'healthy',
  });

  const page = new QueryClient();
  page.setQueryData(queryKeys.source('s1'), drive);
  expect(knownBefore(page, event({ sourceId: 's1' }))).toEqual({
    name: 'Drive',
    status: 'healthy',
  });
});

test('an event about a source on a connection is not taken for one about the connection', () => {
  const client = new QueryClient();
  client.setQueryData(queryKeys.connectionChoice, [slack]);
  const ofSource = event({ sourceId: 's1', authorizedConnectionId: 'c1' });
  expect(knownBefore(client, ofSource)).toBe(undefined);
  expect(knownBefore(client, event({ authorizedConnectionId: 'c1' }))).toEqual({
    name: 'Slack',
    status: 'expired',
  });
});
