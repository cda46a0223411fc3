import {
  createFileRegistry,
  type DescMessage,
  type FileRegistry,
  fromBinary,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { stringify } from 'yaml';
import { ContractsInvalidError } from '../contracts-invalid-error.ts';
import { alwaysPresent } from '../events/always-present.ts';
import { exampleEvents } from '../events/example-events.ts';
import { type TopicFacts, topics } from '../events/topics.ts';
import { type AsyncApiDocument, asyncApiDocument } from './async-api.ts';
import { commentOf } from './comments.ts';
import { cloudEventHeaders, exampleHeaders, headersName, schemaId } from './headers.ts';
import { definitionName, definitionsOf, type JsonSchema } from './json-schema.ts';

const eventPackage = 'events.v1';
const madeBy = 'Made by "npm run generate" from proto/events; never edit it.';

/** What consumers of the events are given. */
export type EventContract = {
  /** Name relative to `events/`, and content. */
  files: Map<string, string>;
  document: AsyncApiDocument;
  /** JSON Schema of each event's data, by message. */
  schemas: Map<string, JsonSchema>;
};

/** Makes the contract from the protos (a FileDescriptorSet with source information: its comments are the descriptions). */
export function eventContract(descriptorSet: Uint8Array): EventContract {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet));
  checkFacts(registry);
  const messages = topics.map(({ message }) => messageNamed(registry, message));
  const schemas = new Map(messages.map((message) => [message.name, dataSchema(message)]));
  const document = asyncApiDocument({
    topics,
    schemas: new Map(
      messages.flatMap((message) => [
        ...definitionsOf(
          message,
          rulesFor((name) => `#/components/schemas/${name}`),
        ),
      ]),
    ),
    examples: exampleEvents,
  });
  for (const { name } of exampleEvents) {
    if (!document.components.messages[name]) {
      throw new ContractsInvalidError(`the example ${name} has the name of no message`);
    }
  }
  return { files: filesOf(schemas, document), document, schemas };
}

/** What the message needs is in its `$defs`. */
function dataSchema(message: DescMessage): JsonSchema {
  const refTo = (name: string) => (name === message.name ? '#' : `#/$defs/${name}`);
  const { [message.name]: schema, ...needed } = Object.fromEntries(
    definitionsOf(message, rulesFor(refTo)),
  );
  const definitions = Object.keys(needed).length > 0 ? { $defs: needed } : {};
  return standAlone(message.name, { ...schema, ...definitions });
}

/** A schema that needs no other, and has a name that stays. */
function standAlone(name: string, schema: JsonSchema): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: schemaId(name),
    $comment: madeBy,
    title: name,
    ...schema,
  };
}

function rulesFor(refTo: (name: string) => string) {
  return {
    refTo,
    comment: commentOf,
    alwaysPresent: (message: DescMessage) => alwaysPresent[definitionName(message)] ?? [],
  };
}

function filesOf(
  schemas: ReadonlyMap<string, JsonSchema>,
  document: AsyncApiDocument,
): Map<string, string> {
  const files = new Map<string, string>();
  for (const [message, schema] of schemas) files.set(`schemas/${message}.json`, json(schema));
  files.set(`schemas/${headersName}.json`, json(standAlone(headersName, cloudEventHeaders)));
  for (const example of exampleEvents) {
    const topic = topicNamed(example.topic);
    files.set(
      `examples/${example.name}.json`,
      json({
        topic: topic.name,
        key: example.key,
        headers: exampleHeaders(example, topic),
        data: example.data,
      }),
    );
  }
  // `compat`: many readers still take an unquoted time for more than a string, as YAML 1.1 did.
  const options = { lineWidth: 120, aliasDuplicateObjects: false, compat: 'yaml-1.1' } as const;
  files.set('asyncapi.yaml', `# ${madeBy}\n${stringify(document, options)}`);
  return files;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** What stands beside the protos must speak of what is in them, and of all of it. */
function checkFacts(registry: FileRegistry): void {
  const files = [...registry.files].filter(({ proto }) => proto.package === eventPackage);
  const declared = files.flatMap(({ messages }) => messages.map(({ name }) => name));
  for (const name of Object.keys(alwaysPresent)) messageNamed(registry, name);
  for (const name of declared) {
    if (alwaysPresent[name] === undefined) {
      throw new ContractsInvalidError(
        `events/always-present.ts does not say which fields of ${name} are always there`,
      );
    }
  }
}

function messageNamed(registry: FileRegistry, name: string): DescMessage {
  const found = registry.getMessage(`${eventPackage}.${name}`);
  if (!found) throw new ContractsInvalidError(`there is no message ${eventPackage}.${name}`);
  return found;
}

function topicNamed(name: string): TopicFacts {
  const found = topics.find((topic) => topic.name === name);
  if (!found)
    throw new ContractsInvalidError(`an example has the topic "${name}", which does not exist`);
  return found;
}
