import type { ExampleEvent } from '../events/example-events.ts';
import type { TopicFacts } from '../events/topics.ts';
import { cloudEventHeaders, exampleHeaders, headersName, headersOfTopic } from './headers.ts';
import type { JsonSchema } from './json-schema.ts';

const bindingVersion = '0.5.0';

export type AsyncApiMessage = {
  name: string;
  summary: string;
  contentType: string;
  headers: JsonSchema;
  payload: JsonSchema;
  bindings: { kafka: { key: JsonSchema; 'x-key-fields': string[]; bindingVersion: string } };
  examples: { name: string; summary: string; headers: Record<string, string>; payload: unknown }[];
};

export type AsyncApiChannel = {
  address: string;
  summary: string;
  messages: Record<string, { $ref: string }>;
  bindings: {
    kafka: {
      topic: string;
      partitions: number;
      topicConfiguration: Record<string, unknown>;
      bindingVersion: string;
    };
  };
};

/** The part of AsyncAPI 3.0 that we write (https://www.asyncapi.com/docs/reference/specification/v3.0.0). */
export type AsyncApiDocument = {
  asyncapi: '3.0.0';
  info: { title: string; version: string; description: string };
  defaultContentType: string;
  channels: Record<string, AsyncApiChannel>;
  operations: Record<string, object>;
  components: {
    schemas: Record<string, JsonSchema>;
    messages: Record<string, AsyncApiMessage>;
  };
};

/**
 * What we publish, in one document that needs no other: schemas included. `schemas` are the definitions of all data, with
 * `#/components/schemas/` in front of each reference.
 */
export function asyncApiDocument(contract: {
  topics: readonly TopicFacts[];
  schemas: ReadonlyMap<string, JsonSchema>;
  examples: readonly ExampleEvent[];
}): AsyncApiDocument {
  const { topics, schemas, examples } = contract;
  const messages = topics.flatMap((topic) => messagesOf(topic, examples));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Events of Credential Renewal',
      version: 'v1',
      description:
        "Delivered at least once: drop what you have seen by `ce_id`. In order per topic and key; order across topics is nobody's " +
        'promise, so compare `version` and ignore what is older than you know. No event holds a token or an e-mail address.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(topics.map((topic) => [topic.name, channelOf(topic)])),
    operations: Object.fromEntries(
      topics.map((topic) => [`publish${topic.message}`, operationOf(topic)]),
    ),
    components: {
      schemas: { [headersName]: cloudEventHeaders, ...Object.fromEntries(schemas) },
      messages: Object.fromEntries(messages.map((message) => [message.name, message])),
    },
  };
}

function messageNames({ message, cleanup }: TopicFacts): string[] {
  return cleanup.policy === 'compact' ? [message, `${message}Tombstone`] : [message];
}

function channelOf(topic: TopicFacts): AsyncApiChannel {
  const names = messageNames(topic);
  return {
    address: topic.name,
    summary: topic.summary,
    messages: Object.fromEntries(
      names.map((name) => [name, { $ref: `#/components/messages/${name}` }]),
    ),
    bindings: {
      kafka: {
        topic: topic.name,
        partitions: topic.partitions,
        topicConfiguration: configurationOf(topic),
        bindingVersion,
      },
    },
  };
}

function configurationOf({ cleanup }: TopicFacts): Record<string, unknown> {
  switch (cleanup.policy) {
    case 'compact':
      return {
        'cleanup.policy': ['compact'],
        'min.compaction.lag.ms': cleanup.compactionLagMs,
        'delete.retention.ms': cleanup.tombstoneRetentionMs,
      };
    case 'delete':
      return { 'cleanup.policy': ['delete'], 'retention.ms': cleanup.retentionMs };
    default:
      return cleanup satisfies never;
  }
}

function operationOf(topic: TopicFacts): object {
  const channel = `#/channels/${topic.name}`;
  return {
    action: 'send',
    channel: { $ref: channel },
    summary: `${topic.source.slice(1)} publishes; you receive.`,
    messages: messageNames(topic).map((name) => ({ $ref: `${channel}/messages/${name}` })),
  };
}

function messagesOf(topic: TopicFacts, examples: readonly ExampleEvent[]): AsyncApiMessage[] {
  return messageNames(topic).map((name) => {
    const tombstone = name !== topic.message;
    return {
      name,
      summary: tombstone ? 'The key has ended; there is no data.' : topic.summary,
      contentType: 'application/json',
      headers: {
        type: 'object',
        allOf: [{ $ref: `#/components/schemas/${headersName}` }, headersOfTopic(topic)],
      },
      payload: tombstone
        ? { description: 'A record without a value.', type: 'null' }
        : { $ref: `#/components/schemas/${topic.message}` },
      bindings: {
        kafka: {
          key: {
            description: `In the data: ${topic.keyFields.join(', or else ')}.`,
            type: 'string',
          },
          'x-key-fields': [...topic.keyFields],
          bindingVersion,
        },
      },
      examples: examples
        .filter((example) => example.name === name)
        .map((example) => ({
          name: example.name,
          summary: example.summary,
          headers: exampleHeaders(example, topic),
          payload: example.data,
        })),
    };
  });
}
