import { buildEvent } from './build-event.ts';
import type { CloudEvent, Topic } from './cloud-event.ts';

/** An event for tests. */
export function sampleEvent(
  key: string,
  sequence: number,
  overrides: { topic?: Topic; data?: unknown; nowMs?: number } = {},
): CloudEvent {
  return buildEvent({
    source: '/test',
    topic: overrides.topic ?? 'credential.expired',
    subject: key,
    key,
    sequence,
    data: overrides.data === undefined ? { credentialId: key, number: sequence } : overrides.data,
    schema: 'CredentialExpired',
    nowMs: overrides.nowMs ?? Date.UTC(2026, 0, 1) + sequence,
  });
}
