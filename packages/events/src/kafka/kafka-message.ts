import { type CloudEvent, topics } from '../cloud-event.ts';
import { MessageUnreadableError } from '../errors.ts';
import type { LoggedEvent } from '../event-log.ts';
import { isTopic, partitionOf } from '../topic-partition.ts';
import { type IncomingMessage, type OutgoingMessage, textOf, valuesOf } from './message-parts.ts';

/**
 * CloudEvents 1.0 in the binary mode of the Kafka binding: attributes and extensions as `ce_` headers, `data` as the value, the partition
 * key as the key (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md).
 */
const attributes = {
  ce_id: 'id',
  ce_source: 'source',
  ce_type: 'type',
  ce_subject: 'subject',
  ce_time: 'time',
  ce_dataschema: 'dataschema',
  ce_partitionkey: 'partitionkey',
  ce_sequence: 'sequence',
} as const satisfies Record<string, keyof CloudEvent>;

export function writeMessage(event: CloudEvent): OutgoingMessage {
  const headers: Record<string, string> = { ce_specversion: '1.0' };
  for (const [header, attribute] of Object.entries(attributes)) headers[header] = event[attribute];
  if (event.traceparent !== undefined) headers['traceparent'] = event.traceparent;
  headers['content-type'] = 'application/json';
  return {
    key: event.partitionkey,
    // null is a tombstone: compaction removes the key with it.
    value: event.data === null ? null : JSON.stringify(event.data),
    headers,
    partition: partitionOf(event.partitionkey),
  };
}

type Place = Pick<LoggedEvent, 'topic' | 'partition' | 'offset'>;

/** Throws MessageUnreadableError, which says what is wrong and where, unless the message is an event of ours. */
export function readMessage(place: Place, message: IncomingMessage): CloudEvent {
  const fail = (problem: string, cause?: unknown): never => {
    throw new MessageUnreadableError(place, problem, cause);
  };
  const header = (name: string): string => {
    const values = valuesOf(message.headers?.[name]);
    if (values.length === 0) return fail(`the header ${name} is missing`);
    if (values.length > 1) return fail(`the header ${name} stands ${values.length} times`);
    return textOf(values[0]) || fail(`the header ${name} is empty or not UTF-8`);
  };

  const version = header('ce_specversion');
  if (version !== '1.0') fail(`ce_specversion is ${version}, not 1.0`);
  const event = {
    ...readAttributes(header),
    ...(message.headers?.['traceparent'] === undefined
      ? {}
      : { traceparent: header('traceparent') }),
    data: readData(message, header, fail),
  };
  const problem = problemOf(event, place.topic, textOf(message.key));
  return problem === undefined ? event : fail(problem);
}

function readAttributes(header: (name: string) => string): Omit<CloudEvent, 'data'> {
  const read = Object.entries(attributes).map(([name, attribute]) => [attribute, header(name)]);
  return Object.fromEntries(read) as Omit<CloudEvent, 'data'>;
}

function readData(
  { value }: IncomingMessage,
  header: (name: string) => string,
  fail: (problem: string, cause?: unknown) => never,
): CloudEvent['data'] {
  if (value === null || value === undefined) return null;
  const type = header('content-type');
  if (!/^application\/json\s*(;|$)/i.test(type)) fail('its content-type is not application/json');
  const text = textOf(value);
  if (text === undefined) return fail('its value is not UTF-8');
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    return fail('its value is not JSON', error);
  }
  const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
  return isObject ? (data as Record<string, unknown>) : fail('its value is not a JSON object');
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
// RFC 3339, section 5.6.
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

function problemOf(event: CloudEvent, topic: string, key: string | undefined): string | undefined {
  if (!isTopic(event.type)) return `ce_type is none of ${topics.join(', ')}`;
  // A `.dlq` and a `.replay` hold events of every type.
  if (isTopic(topic) && event.type !== topic) return `ce_type is ${event.type}`;
  if (!uuid.test(event.id)) return 'ce_id is no UUID';
  if (!time.test(event.time) || Number.isNaN(Date.parse(event.time)))
    return 'ce_time is no RFC 3339 time';
  if (!/^\d{20}$/.test(event.sequence)) return 'ce_sequence is not 20 digits';
  if (key !== event.partitionkey) return 'its key is not ce_partitionkey';
  return undefined;
}
