import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CloudEvent, Topic } from '@credential-renewal/events';
import { top } from '../check/source-files.ts';

/** An example of the contract as it lies in `proto/events/examples`: a record on the wire. */
export type ExampleRecord = {
  topic: string;
  key: string;
  headers: Record<string, string>;
  data: Record<string, unknown> | null;
};

export function readExample(name: string): ExampleRecord {
  return JSON.parse(readFileSync(join(top, 'proto/events/examples', `${name}.json`), 'utf8'));
}

/** The same as our code holds it. */
export function exampleEvent(name: string): CloudEvent {
  const { headers, data } = readExample(name);
  const attribute = (attributeName: string) => headers[`ce_${attributeName}`] ?? '';
  return {
    id: attribute('id'),
    source: attribute('source'),
    type: attribute('type') as Topic,
    subject: attribute('subject'),
    time: attribute('time'),
    dataschema: attribute('dataschema'),
    partitionkey: attribute('partitionkey'),
    sequence: attribute('sequence'),
    traceparent: headers['traceparent'],
    data,
  };
}
