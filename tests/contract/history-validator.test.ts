import type { CloudEvent } from '@credential-renewal/events';
import { formatSequence } from '@credential-renewal/events';
import {
  CredentialRenewed_Cause as Cause,
  CredentialStatus as Status,
} from '@credential-renewal/proto/events/v1/credential';
import { expect, test } from 'vitest';
import { createHistoryValidator } from './history-validator.ts';
import { tellOfCredential } from './story-events.ts';

function problemsOf(events: readonly CloudEvent[]): string[] {
  const history = createHistoryValidator();
  for (const event of events) history.add(event);
  return history.problems();
}

/** Dies, is renewed, and dies again. */
function story(): [CloudEvent, ...CloudEvent[]] {
  const { state, expired, renewed } = tellOfCredential('a');
  return [
    state(Status.EXPIRED, 'one'),
    expired(),
    state(Status.HEALTHY),
    renewed(Cause.RENEWED),
    state(Status.EXPIRED, 'two'),
    expired(),
  ];
}

const withSequence = (event: CloudEvent | undefined, sequence: number) =>
  ({ ...event, sequence: formatSequence(sequence) }) as CloudEvent;

test('a whole story has no problem, told twice, begun late, or with compacted states', () => {
  const events = story();
  expect(problemsOf(events)).toEqual([]);
  expect(problemsOf([...events, ...events])).toEqual([]);
  expect(problemsOf(events.slice(3))).toEqual([]);
  expect(problemsOf(events.filter((_, index) => index !== 2))).toEqual([]);
});

test('one id for two events is found', () => {
  const [first, second] = story();
  const stolen = { ...second, id: first.id } as CloudEvent;
  expect(problemsOf([first, stolen])).toEqual([expect.stringMatching(/^id .* is that of/)]);
});

test('a gap, and a step back, are found', () => {
  const events = story();
  expect(problemsOf([...events.slice(0, 5), withSequence(events[5], 3)])).toEqual([
    'credential.expired a: sequence 00000000000000000003 follows 00000000000000000001',
  ]);
  expect(problemsOf([...events.slice(0, 5), withSequence(events[5], 1)])).toHaveLength(1);
});

test('an episode that is told twice is found', () => {
  const events = story();
  const again = { ...withSequence(events[5], 3), id: 'another' };
  expect(problemsOf([...events, again])).toEqual(['episode two is told 2 times']);
});
