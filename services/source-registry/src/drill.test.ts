import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { expect, test } from 'vitest';
import {
  canRehearse,
  type Drill,
  keptDrills,
  runningDrill,
  withDrill,
  withEndedDrill,
  withReaction,
  withSettledDrill,
} from './drill.ts';
import { drillEvent } from './drill-event.ts';
import { aConnection, aDrill, aSource, aState } from './rule-examples.ts';
import type { Use } from './use.ts';

const living = aSource({ credential: aState(1) });
const dead = (status: CredentialStatus) => aState(2, { status });
const started = (more: Partial<Drill> = {}) => withDrill(living, aDrill(more));
const two = [
  { id: 'creator', name: 'Ada' },
  { id: 'other', name: 'Max' },
];

test('a drill begins as the newest and alone runs', () => {
  const use = started();
  expect(runningDrill(use)).toMatchObject({ id: 'drill', version: 1 });
  expect(use.credential).toBe(living.credential);
  const next = withDrill(withEndedDrill(use, 'stopped', 2_000), aDrill({ id: 'next' }));
  expect(runningDrill(next)?.id).toBe('next');
  expect(next.drills?.newest.map(({ id }) => id)).toEqual(['next', 'drill']);
});

test('only the newest few are kept, and their events are counted on', () => {
  let use: Use = living;
  for (let time = 0; time < keptDrills + 5; time += 1)
    use = withEndedDrill(withDrill(use, aDrill({ id: `drill-${time}` })), 'stopped', time);
  expect(use.drills?.newest).toHaveLength(keptDrills);
  expect(use.drills?.newest[0]?.id).toBe(`drill-${keptDrills + 4}`);
  expect(use.drills?.published).toBe((keptDrills + 5) * 2);
});

test('the first reaction of a person counts, and the last person ends it', () => {
  const use = started({ recipients: two });
  const one = withReaction(use, 'other', 5_000);
  expect(runningDrill(one ?? use)?.recipients).toEqual([
    { id: 'creator', name: 'Ada' },
    { id: 'other', name: 'Max', reactedAtMs: 5_000 },
  ]);
  expect(withReaction(one ?? use, 'other', 6_000)).toBeUndefined();
  const both = withReaction(one ?? use, 'creator', 7_000);
  expect(both && runningDrill(both)).toBeUndefined();
  expect(both?.drills?.newest[0]).toMatchObject({
    version: 3,
    ended: { atMs: 7_000, why: 'all_reacted' },
  });
});

test('who was not told cannot react, and nobody to one that is over', () => {
  expect(withReaction(started(), 'stranger', 1)).toBeUndefined();
  expect(withReaction(withEndedDrill(started(), 'stopped', 1), 'creator', 2)).toBeUndefined();
});

test.each([CredentialStatus.EXPIRED, CredentialStatus.INSUFFICIENT_SCOPE])(
  'the real thing (%s) ends it at once, so that no two buttons stand beside each other',
  (status) => {
    const use = withSettledDrill({ ...started(), credential: dead(status) }, false, 9_000);
    expect(use.drills?.newest[0]?.ended).toEqual({ atMs: 9_000, why: 'real_expiry' });
  },
);

test('a use that goes, or has no credential any more, ends it', () => {
  const ended = { atMs: 9_000, why: 'disconnected' };
  expect(withSettledDrill(started(), true, 9_000).drills?.newest[0]?.ended).toEqual(ended);
  const { credential: _, ...pending } = started();
  expect(withSettledDrill(pending, false, 9_000).drills?.newest[0]?.ended).toEqual(ended);
});

test('a credential that lives on leaves it alone', () => {
  for (const status of [CredentialStatus.HEALTHY, CredentialStatus.EXPIRING])
    expect(
      runningDrill(withSettledDrill({ ...started(), credential: dead(status) }, false, 1)),
    ).toBeDefined();
});

test.each([
  [CredentialStatus.HEALTHY, true],
  [CredentialStatus.EXPIRING, true],
  [CredentialStatus.DELAYED, true],
  [CredentialStatus.EXPIRED, false],
  [CredentialStatus.INSUFFICIENT_SCOPE, false],
  [CredentialStatus.REVOKING, false],
])('with a credential that is %s it can be rehearsed: %s', (status, can) => {
  expect(canRehearse({ credential: dead(status) })).toBe(can);
});

test('what was never authorized cannot be rehearsed', () => {
  expect(canRehearse(aSource())).toBe(false);
});

test('each step is one event, numbered over all drills of the use; a write without one has none', () => {
  const one = started();
  expect(Number(drillEvent(living, one, 1)?.sequence)).toBe(1);
  expect(drillEvent(one, { ...one, name: 'Other' }, 1)).toBeUndefined();
  const over = withEndedDrill(one, 'time_over', 2_000);
  expect(drillEvent(one, over, 2_000)).toMatchObject({
    type: 'source.drill',
    partitionkey: 'source',
    sequence: '00000000000000000002',
    data: {
      drillId: 'drill',
      sourceId: 'source',
      version: 2,
      end: 'SOURCE_DRILL_END_TIME_OVER',
      endedAt: '1970-01-01T00:00:02.000Z',
    },
  });
  const again = withDrill(over, aDrill({ id: 'next' }));
  expect(drillEvent(over, again, 3_000)).toMatchObject({
    sequence: '00000000000000000003',
    data: { drillId: 'next', version: 1 },
  });
});

test('the event of a connection names the connection, and no event an address', () => {
  const connection = aConnection({ credential: aState(1) });
  const event = drillEvent(connection, withDrill(connection, aDrill()), 1);
  expect(event?.data).toMatchObject({ authorizedConnectionId: 'connection' });
  expect(event?.data).not.toHaveProperty('sourceId');
  expect(JSON.stringify(event)).not.toContain('@');
});
