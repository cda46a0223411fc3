import { currentTraceparent, uuidv7 } from '@credential-renewal/runtime';
import { type CloudEvent, formatSequence, type Topic } from './cloud-event.ts';

const schemaPrefix = 'credential-renewal:events.v1.';

/**
 * An event of ours. `data` is the proto3 JSON of the message `schema` names (`CredentialState.toJSON(state)`), or null for a
 * tombstone. `sequence` counts per topic and key, from 1.
 */
export function buildEvent(options: {
  source: string;
  topic: Topic;
  subject: string;
  key: string;
  sequence: number;
  data: unknown;
  schema: string;
  nowMs: number;
  traceparent?: string;
}): CloudEvent {
  const { data, nowMs, traceparent = currentTraceparent() } = options;
  return {
    id: uuidv7(nowMs),
    source: options.source,
    type: options.topic,
    subject: options.subject,
    time: new Date(nowMs).toISOString(),
    dataschema: `${schemaPrefix}${options.schema}`,
    partitionkey: options.key,
    sequence: formatSequence(options.sequence),
    ...(traceparent === undefined ? {} : { traceparent }),
    data: data === null ? null : (data as Record<string, unknown>),
  };
}
