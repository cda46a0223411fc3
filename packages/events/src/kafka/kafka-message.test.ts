import { expect, test } from 'vitest';
import type { CloudEvent } from '../cloud-event.ts';
import { sampleEvent } from '../sample-event.ts';
import { partitionOf } from '../topic-partition.ts';
import { readDeadLetter, writeDeadLetter, writeRawDeadLetter } from './dead-letter-message.ts';
import { readMessage, writeMessage } from './kafka-message.ts';
import type { IncomingMessage } from './message-parts.ts';

const place = { topic: 'credential.expired', partition: 3, offset: 17n };
const event: CloudEvent = {
  ...sampleEvent('a', 1, { data: { text: 'Zürich "quoted"', n: [1] } }),
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

/** As a broker gives it back: bytes. */
function received(message: IncomingMessage): IncomingMessage {
  const bytes = (value: unknown) => (value === null ? null : Buffer.from(value as string));
  return {
    key: bytes(message.key),
    value: bytes(message.value),
    headers: Object.fromEntries(
      Object.entries(message.headers ?? {}).map(([name, value]) => [name, bytes(value)]),
    ),
  };
}

const message = (changes: { headers?: object; key?: unknown; value?: unknown } = {}) => {
  const whole = received(writeMessage(event));
  return {
    ...whole,
    ...changes,
    headers: { ...whole.headers, ...changes.headers },
  } as IncomingMessage;
};

test('an event is written in the binary mode of the CloudEvents Kafka binding', () => {
  expect(writeMessage(event)).toEqual({
    key: 'a',
    value: '{"text":"Zürich \\"quoted\\"","n":[1]}',
    partition: partitionOf('a'),
    headers: {
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_source: '/test',
      ce_type: 'credential.expired',
      ce_subject: 'a',
      ce_time: '2026-01-01T00:00:00.001Z',
      ce_dataschema: 'credential-renewal:events.v1.CredentialExpired',
      ce_partitionkey: 'a',
      ce_sequence: '00000000000000000001',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'content-type': 'application/json',
    },
  });
});

test('what was written is read again, as bytes and as text, with and without a trace', () => {
  expect(readMessage(place, received(writeMessage(event)))).toEqual(event);
  expect(readMessage(place, writeMessage(event))).toEqual(event);
  const untraced = sampleEvent('b', 2);
  expect(readMessage(place, writeMessage(untraced))).toEqual(untraced);
});

test('a tombstone has no value and is read as one', () => {
  const tombstone = sampleEvent('a', 2, { topic: 'credential.state', data: null });
  const written = received(writeMessage(tombstone));
  expect(written.value).toBeNull();
  expect(readMessage({ ...place, topic: 'credential.state' }, written)).toEqual(tombstone);
});

test('extensions and headers that others add change nothing', () => {
  const added = { ce_other: Buffer.from('x'), hops: [Buffer.from('1'), Buffer.from('2')] };
  expect(readMessage(place, message({ headers: added }))).toEqual(event);
});

test('a dead letter topic and a replay topic hold events of every type', () => {
  for (const topic of ['readers.dlq', 'readers.replay'])
    expect(readMessage({ ...place, topic }, message())).toEqual(event);
});

test.each([
  ['no header at all', { key: null, value: Buffer.from('hello') }, 'ce_specversion is missing'],
  ['another version', message({ headers: { ce_specversion: '0.3' } }), 'is 0.3, not 1.0'],
  ['a missing attribute', message({ headers: { ce_id: undefined } }), 'ce_id is missing'],
  ['an empty attribute', message({ headers: { ce_subject: '' } }), 'ce_subject is empty'],
  ['a header without a value', message({ headers: { ce_source: null } }), 'ce_source is empty'],
  [
    'a header that is no text',
    message({ headers: { ce_source: Buffer.from([0xff]) } }),
    'ce_source is empty or not UTF-8',
  ],
  [
    'an attribute that stands twice',
    message({ headers: { ce_id: [Buffer.from(event.id), Buffer.from('x')] } }),
    'ce_id stands 2 times',
  ],
  ['an unknown type', message({ headers: { ce_type: 'credential.sold' } }), 'ce_type is none of'],
  [
    'the type of another topic',
    message({ headers: { ce_type: 'credential.state' } }),
    'ce_type is credential.state',
  ],
  ['an id that is none', message({ headers: { ce_id: 'seven' } }), 'ce_id is no UUID'],
  ['a time that is none', message({ headers: { ce_time: 'today' } }), 'ce_time is no RFC 3339'],
  [
    'a time that never was',
    message({ headers: { ce_time: '2026-13-01T00:00:00Z' } }),
    'ce_time is no RFC 3339',
  ],
  ['a short sequence', message({ headers: { ce_sequence: '7' } }), 'ce_sequence is not 20 digits'],
  ['another key', message({ key: Buffer.from('b') }), 'its key is not ce_partitionkey'],
  ['no key', message({ key: null }), 'its key is not ce_partitionkey'],
  [
    'structured mode',
    message({ headers: { 'content-type': 'application/cloudevents+json' } }),
    'content-type is not application/json',
  ],
  ['no JSON', message({ value: Buffer.from('{') }), 'its value is not JSON'],
  ['a list', message({ value: Buffer.from('[]') }), 'its value is not a JSON object'],
  ['binary data', message({ value: Buffer.from([0xff]) }), 'its value is not UTF-8'],
])('a message with %s is refused with its place', (_, broken, problem) => {
  const read = () => readMessage(place, broken as IncomingMessage);
  expect(read).toThrow(
    'The message at offset 17 of credential.expired, partition 3, is no event of ours: ',
  );
  expect(read).toThrow(problem);
  expect(read).toThrow(expect.objectContaining({ code: 'MESSAGE_UNREADABLE' }));
});

const letter = { group: 'readers', ...place, error: 'EventUnreadableError: v9' };

test('a dead letter carries the event and where it stood', () => {
  const written = received(writeDeadLetter(event, letter));
  expect(readMessage({ ...place, topic: 'readers.dlq' }, written)).toEqual(event);
  expect(readDeadLetter(written)).toEqual(letter);
});

test('a message that is no event is set aside as it was, with where it stood', () => {
  const value = Buffer.from([0xff, 0x00]);
  const headers = { app: [Buffer.from('1'), Buffer.from('2')], none: null };
  const written = writeRawDeadLetter({ key: null, value, headers }, letter);
  expect(written).toMatchObject({ key: null, value, partition: 3 });
  expect(written.headers['app']).toEqual(headers.app);
  // kafkajs cannot write a header without a value.
  expect(written.headers['none']).toBe('');
  expect(readDeadLetter(written)).toEqual(letter);
});

test('a header named like a member of Object can be written again', () => {
  // What kafkajs 2.2.4 makes of it when it reads: the member, then the value.
  const headers = { constructor: [Object, Buffer.from('x')] } as unknown as object;
  const written = writeRawDeadLetter({ key: null, value: null, headers: { ...headers } }, letter);
  expect(written.headers['constructor']).toEqual(Buffer.from('x'));
});

test('a message in a dead letter topic that tells no origin has none', () => {
  expect(readDeadLetter(message())).toBeUndefined();
  expect(
    readDeadLetter(
      message({ headers: { ...writeDeadLetter(event, letter).headers, dlq_offset: 'x' } }),
    ),
  ).toBeUndefined();
});
