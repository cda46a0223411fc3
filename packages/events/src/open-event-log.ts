import type { Clock, Logger } from '@credential-renewal/runtime';
import { localPath } from '@credential-renewal/storage';
import { openEmbeddedEventLog } from './embedded-event-log.ts';
import { EventLogUnsupportedError } from './errors.ts';
import type { EventLog } from './event-log.ts';

/** What `EVENT_LOG_URL` may begin with. */
export const eventLogSchemes = ['embedded'] as const;

/** Opens the event log that `EVENT_LOG_URL` names: `embedded:<directory>`. Another scheme is an EventLogUnsupportedError. */
export async function openEventLog(
  url: URL,
  deps: { clock: Clock; logger: Logger },
): Promise<EventLog> {
  switch (url.protocol) {
    case 'embedded:':
      return openEmbeddedEventLog({ directory: localPath(url), ...deps });
    default:
      throw new EventLogUnsupportedError(url.protocol);
  }
}
