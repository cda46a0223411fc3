import type { CloudEvent } from './cloud-event.ts';
import { EventUnreadableError } from './errors.ts';

/**
 * The message in an event: `readEventData(event, 'CredentialState', CredentialState.fromJSON)`; undefined for a tombstone.
 * Throws EventUnreadableError when the schema is another one (a later version, say) or the data does not fit.
 */
export function readEventData<T>(
  event: CloudEvent,
  schema: string,
  fromJson: (data: unknown) => T,
): T | undefined {
  const expected = `credential-renewal:events.v1.${schema}`;
  if (event.dataschema !== expected) {
    throw new EventUnreadableError(
      `event ${event.id} has the schema ${event.dataschema}, expected is ${expected}`,
    );
  }
  if (event.data === null) return undefined;
  try {
    return fromJson(event.data);
  } catch (error) {
    throw new EventUnreadableError(`the data of event ${event.id} is no ${schema}`, error);
  }
}
