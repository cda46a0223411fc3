import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildEvent,
  type CloudEvent,
  type EventLog,
  openEmbeddedEventLog,
} from '@credential-renewal/events';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { expect, onTestFinished, test } from 'vitest';
import { top } from '../check/source-files.ts';
import { findEventProblems } from './event-validator.ts';
import { exampleEvent } from './example-event.ts';
import { validateEvents } from './validate-events.ts';

const examples = readdirSync(join(top, 'proto/events/examples')).map((file) => file.slice(0, -5));
const expired = exampleEvent('CredentialExpired');
const state = exampleEvent('CredentialState');

/** The event with other data. */
const holding = (event: CloudEvent, changes: Record<string, unknown>): CloudEvent => ({
  ...event,
  data: { ...event.data, ...changes },
});

test.each(examples)('the example %s is an event of ours', (name) => {
  expect(findEventProblems(exampleEvent(name))).toEqual([]);
});

test('what our own code builds is an event of ours', () => {
  const { data, partitionkey: key } = state;
  const built = buildEvent({
    source: '/credential-vault',
    topic: 'credential.state',
    subject: key,
    key,
    sequence: 4,
    data,
    schema: 'CredentialState',
    nowMs: 1_772_439_330_120,
  });
  expect(findEventProblems(built)).toEqual([]);
});

const envelopes: [what: string, event: CloudEvent, problem: RegExp][] = [
  ['an id that is no UUIDv7', { ...expired, id: crypto.randomUUID() }, /^\/ce_id must match/],
  [
    'a topic that nobody declared',
    { ...expired, type: 'credential.sold' as never },
    /^there is no topic/,
  ],
  ['the source of another service', { ...expired, source: '/source-registry' }, /^source is/],
  ['a subject that is not the key', { ...expired, subject: 'another' }, /^subject is another/],
  [
    'a key that is not in the data',
    { ...expired, subject: 'a', partitionkey: 'a' },
    /^the key is not credentialId/,
  ],
  [
    'a time that is not UTC',
    { ...expired, time: '2026-03-02T09:15:30+01:00' },
    /^\/ce_time must match/,
  ],
  [
    'a time that is none',
    { ...expired, time: '2026-13-02T09:15:30Z' },
    /^\/ce_time must match format/,
  ],
  ['a sequence without its zeros', { ...expired, sequence: '1' }, /^\/ce_sequence must match/],
  ['a sequence of zero', { ...expired, sequence: '0'.repeat(20) }, /does not count from 1/],
  ['the schema of another message', { ...expired, dataschema: state.dataschema }, /^dataschema is/],
  ['a broken trace', { ...expired, traceparent: 'none' }, /^\/traceparent must match/],
  [
    'a tombstone where nothing is compacted',
    { ...expired, data: null },
    /^a tombstone in credential\.expired/,
  ],
];

test.each(envelopes)('%s is found', (_, event, problem) => {
  expect(findEventProblems(event)).toEqual([expect.stringMatching(problem)]);
});

const data: [what: string, event: CloudEvent, problem: RegExp][] = [
  ['a field that is missing', holding(expired, { episodeId: undefined }), /episodeId/],
  ['a version that is a number', holding(expired, { version: 4 }), /^\/version must be string/],
  [
    'a field that no message has',
    holding(expired, { colour: 'red' }),
    /not the JSON form of CredentialExpired/,
  ],
  [
    'a value that no enum has',
    holding(state, { status: 'CREDENTIAL_STATUS_LOST' }),
    /not the JSON form/,
  ],
  [
    'a value that proto3 JSON leaves out',
    holding(state, { missingScopes: [] }),
    /not the JSON form/,
  ],
  [
    'a snapshot whose version is not its sequence',
    holding(state, { version: '9' }),
    /^version 9 is not/,
  ],
  [
    'an e-mail address',
    holding(state, { providerName: 'Ada <ada@acme.example>' }),
    /^\/providerName holds an e-mail/,
  ],
  [
    'an e-mail address deep inside',
    holding(state, { actor: { kind: 'KIND_USER', id: 'ada@acme.example' } }),
    /^\/actor\/id/,
  ],
  [
    'what looks like a token',
    holding(state, { missingScopes: ['not-a-real-one-0123456789'] }),
    /^\/missingScopes\/0 holds/,
  ],
];

test.each(data)('%s in the data is found', (_, event, problem) => {
  expect(findEventProblems(event)).toEqual([expect.stringMatching(problem)]);
});

test('one event that is not as it should be makes the whole log fail, with its place', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'validate-'));
  const logger = createLogger({ service: 'test', level: 'silent' });
  const log = await openEmbeddedEventLog({ directory, clock: systemClock, logger });
  onTestFinished(async () => {
    await log.close();
    rmSync(directory, { recursive: true });
  });
  await log.publish(examples.map(exampleEvent));
  expect(await validateEvents(log)).toBe(examples.length);
  // What the validators themselves stumble over, such as no event at all, ends the check as well.
  const broken: EventLog = {
    ...log,
    tail: (options) =>
      log.tail({
        ...options,
        handle: (logged) => options.handle({ ...logged, event: null as never }),
      }),
  };
  await expect(validateEvents(broken)).rejects.toThrow(/offset \d+: it could not be checked: /);
  await log.publish([holding(expired, { version: 4 })]);
  await expect(validateEvents(log)).rejects.toThrow(
    /credential\.expired partition \d offset \d+: \/version must be string/,
  );
});
