import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { CloudEvent } from '@credential-renewal/events';
import { type TopicFacts, topics } from '@credential-renewal/proto/event-topics';
import {
  CredentialExpired,
  CredentialExpiring,
  CredentialRenewed,
  CredentialState,
} from '@credential-renewal/proto/events/v1/credential';
import { SourceDrill } from '@credential-renewal/proto/events/v1/drill';
import { SourceCredentialState } from '@credential-renewal/proto/events/v1/source';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { top } from '../check/source-files.ts';
import { findPrivateText } from './private-text.ts';

const schemaPrefix = 'credential-renewal:events.v1.';
const schemas = readSchemas(join(top, 'proto/events/schemas'));
const messages: Record<
  string,
  { fromJSON(data: unknown): unknown; toJSON(message: never): unknown }
> = {
  CredentialState,
  CredentialExpiring,
  CredentialExpired,
  CredentialRenewed,
  SourceCredentialState,
  SourceDrill,
};

/** Every schema that consumers are given. */
function readSchemas(directory: string): Ajv2020 {
  const ajv = addFormats.default(new Ajv2020({ allErrors: true, strictRequired: false }));
  for (const file of readdirSync(directory)) {
    ajv.addSchema(JSON.parse(readFileSync(join(directory, file), 'utf8')));
  }
  return ajv;
}

/** Where an event is not as the contract says: one line each. */
export function findEventProblems(event: CloudEvent): string[] {
  const topic = topics.find(({ name }) => name === event.type);
  if (!topic) return [`there is no topic ${event.type}`];
  const problems = schemaProblems('CloudEventHeaders', headersOf(event));
  if (problems.length > 0) return problems;
  return [
    ...envelopeProblems(event, topic),
    ...(event.data === null ? tombstoneProblems(topic) : dataProblems(event, event.data, topic)),
  ];
}

/** As they stand on the wire. */
function headersOf({ data: _, traceparent, ...attributes }: CloudEvent): Record<string, unknown> {
  const headers = Object.entries({ specversion: '1.0', ...attributes });
  return {
    ...Object.fromEntries(headers.map(([name, value]) => [`ce_${name}`, value])),
    ...(traceparent === undefined ? {} : { traceparent }),
    'content-type': 'application/json',
  };
}

function envelopeProblems(event: CloudEvent, topic: TopicFacts): string[] {
  const expected = (what: keyof CloudEvent, value: string) =>
    event[what] === value ? [] : [`${what} is ${String(event[what])} instead of ${value}`];
  return [
    ...expected('source', topic.source),
    ...expected('dataschema', `${schemaPrefix}${topic.message}`),
    ...expected('subject', event.partitionkey),
    ...(BigInt(event.sequence) > 0n ? [] : ['sequence does not count from 1']),
  ];
}

function tombstoneProblems({ name, cleanup }: TopicFacts): string[] {
  return cleanup.policy === 'compact' ? [] : [`a tombstone in ${name}, which is not compacted`];
}

function dataProblems(
  event: CloudEvent,
  data: Record<string, unknown>,
  { message, keyFields, cleanup }: TopicFacts,
): string[] {
  const problems = schemaProblems(message, data);
  if (problems.length > 0) return problems;
  const key = keyFields.map((name) => data[name]).find((value) => value !== undefined);
  if (key !== event.partitionkey) problems.push(`the key is not ${keyFields.join(' or else ')}`);
  if (cleanup.policy === 'compact' && BigInt(String(data['version'])) !== BigInt(event.sequence))
    problems.push(`version ${data['version']} is not sequence ${event.sequence}`);
  if (!isCanonical(message, data)) problems.push(`data is not the JSON form of ${message}`);
  return [...problems, ...findPrivateText(data)];
}

/** The schemas are open, for those who come later; what we publish ourselves has no unknown field and no unknown value. */
function isCanonical(name: string, data: unknown): boolean {
  const message = messages[name];
  if (!message) throw new Error(`no message ${name}`);
  try {
    return isDeepStrictEqual(message.toJSON(message.fromJSON(data) as never), data);
  } catch {
    return false;
  }
}

function schemaProblems(name: string, value: unknown): string[] {
  const validate = schemas.getSchema(`${schemaPrefix}${name}`) as ValidateFunction | undefined;
  if (!validate) return [`there is no schema ${name}`];
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
