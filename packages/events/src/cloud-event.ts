/**
 * A CloudEvents 1.0 event in our use of it (https://github.com/cloudevents/spec). `type` is also the topic. `data` is
 * the proto3 JSON of a message in `proto/events/v1`, or null: a tombstone, which ends a key of a compacted topic.
 */
export type CloudEvent = {
  /** UUIDv7, the same on every retry of the same event. */
  id: string;
  /** URI reference of the service: `/credential-vault`. */
  source: string;
  type: Topic;
  /** What it is about: the credential's or source's id. */
  subject: string;
  /** RFC 3339, UTC. */
  time: string;
  /** `credential-renewal:events.v1.<Message>`. */
  dataschema: string;
  /** Events with the same key keep their order. */
  partitionkey: string;
  /** Per topic and key, from 1, without gaps, zero-padded to 20 digits. */
  sequence: string;
  traceparent?: string;
  data: Record<string, unknown> | null;
};

export const topics = [
  'credential.state',
  'credential.expiring',
  'credential.expired',
  'credential.renewed',
  'source.credential-state',
  'source.drill',
] as const;
export type Topic = (typeof topics)[number];

/** Topics that keep the last record of each key instead of ageing out. */
export const compactedTopics: ReadonlySet<string> = new Set<Topic>([
  'credential.state',
  'source.credential-state',
]);

export function formatSequence(sequence: number): string {
  return String(sequence).padStart(20, '0');
}
