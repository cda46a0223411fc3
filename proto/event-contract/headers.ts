import type { ExampleEvent } from '../events/example-events.ts';
import type { TopicFacts } from '../events/topics.ts';
import type { JsonSchema } from './json-schema.ts';

const uuidv7 = '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$';

/** The name of a message's schema: its `$id`, and the `ce_dataschema` of its events. */
export const schemaId = (message: string): string => `credential-renewal:events.v1.${message}`;

export const headersName = 'CloudEventHeaders';

/** Of every event: CloudEvents 1.0 in binary mode, each attribute a header of the Kafka record. */
export const cloudEventHeaders: JsonSchema = {
  description: 'CloudEvents 1.0, binary mode. Later versions may add headers.',
  type: 'object',
  properties: {
    ce_specversion: { description: 'The version of CloudEvents.', const: '1.0' },
    ce_id: {
      description: 'UUIDv7, the same on every delivery of the same event: drop what you have seen.',
      type: 'string',
      pattern: uuidv7,
    },
    ce_source: { description: 'The service that published it.', type: 'string' },
    ce_type: { description: 'Also the topic.', type: 'string' },
    ce_subject: {
      description: 'What it is about: the same id as the key.',
      type: 'string',
      minLength: 1,
    },
    ce_time: {
      description: 'When it happened: RFC 3339, UTC.',
      type: 'string',
      format: 'date-time',
      pattern: 'Z$',
    },
    ce_dataschema: {
      description:
        'The `$id` of the JSON Schema of the data. Another one than you know is a later version.',
      type: 'string',
    },
    ce_partitionkey: {
      description: "The record's key: events with the same one keep their order within a topic.",
      type: 'string',
      minLength: 1,
    },
    ce_sequence: {
      description: 'Counts per topic and key from 1 without gaps, zero-padded to 20 digits.',
      type: 'string',
      pattern: '^[0-9]{20}$',
    },
    traceparent: {
      description: 'W3C Trace Context: the trace in which it happened. Absent outside of one.',
      type: 'string',
      pattern: '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
    },
    'content-type': {
      description: 'Of the data; also of a tombstone, which has none.',
      const: 'application/json',
    },
  },
  required: [
    'ce_specversion',
    'ce_id',
    'ce_source',
    'ce_type',
    'ce_subject',
    'ce_time',
    'ce_dataschema',
    'ce_partitionkey',
    'ce_sequence',
    'content-type',
  ],
  additionalProperties: true,
};

/** What the headers of a topic's events always are, beside `cloudEventHeaders`. */
export function headersOfTopic(topic: TopicFacts): JsonSchema {
  return {
    type: 'object',
    properties: {
      ce_source: { const: topic.source },
      ce_type: { const: topic.name },
      ce_dataschema: { const: schemaId(topic.message) },
    },
  };
}

export function exampleHeaders(event: ExampleEvent, topic: TopicFacts): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_source: topic.source,
    ce_type: topic.name,
    ce_subject: event.key,
    ce_time: event.time.toISOString(),
    ce_dataschema: schemaId(topic.message),
    ce_partitionkey: event.key,
    ce_sequence: String(event.sequence).padStart(20, '0'),
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    'content-type': 'application/json',
  };
}
