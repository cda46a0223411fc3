import { currentTraceparent, runWithTrace } from '@credential-renewal/runtime';
import { expect, test } from 'vitest';
import { buildEvent } from './build-event.ts';
import { EventUnreadableError } from './errors.ts';
import { readEventData } from './read-event-data.ts';

const options = {
  source: '/credential-vault',
  topic: 'credential.state',
  subject: 'credential-1',
  key: 'credential-1',
  sequence: 42,
  data: { credentialId: 'credential-1' },
  schema: 'CredentialState',
  nowMs: Date.UTC(2026, 4, 1, 12),
} as const;

test('an event has the attributes of CloudEvents and the trace it was built in', () => {
  runWithTrace(undefined, () => {
    expect(buildEvent(options)).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      source: '/credential-vault',
      type: 'credential.state',
      subject: 'credential-1',
      time: '2026-05-01T12:00:00.000Z',
      dataschema: 'credential-renewal:events.v1.CredentialState',
      partitionkey: 'credential-1',
      sequence: '00000000000000000042',
      traceparent: currentTraceparent(),
      data: { credentialId: 'credential-1' },
    });
  });
});

test('an event outside a trace has no traceparent', () => {
  expect(buildEvent(options)).not.toHaveProperty('traceparent');
});

test('the message of an event is read back, and a tombstone is undefined', () => {
  const read = (data: unknown) => (data as { credentialId: string }).credentialId;
  expect(readEventData(buildEvent(options), 'CredentialState', read)).toBe('credential-1');
  const tombstone = buildEvent({ ...options, data: null });
  expect(readEventData(tombstone, 'CredentialState', read)).toBeUndefined();
});

test('another schema and data that does not fit are unreadable', () => {
  const event = buildEvent(options);
  expect(() => readEventData(event, 'CredentialExpired', (data) => data)).toThrow(
    EventUnreadableError,
  );
  const refuse = () => {
    throw new Error('no such enum value');
  };
  expect(() => readEventData(event, 'CredentialState', refuse)).toThrow(EventUnreadableError);
});
