import type { Clock, Logger } from '@credential-renewal/runtime';
import type { Registry } from 'prom-client';
import { openEmbeddedEventLog } from './embedded-event-log.ts';
import type { EventLog } from './event-log.ts';
import type { EventLogSettings } from './event-log-settings.ts';

export type EventLogDeps = {
  /** Who uses it: the client id that the brokers see. */
  service: string;
  clock: Clock;
  logger: Logger;
  metrics: Registry;
};

/** Opens the event log that the settings name. */
export async function openEventLog(
  settings: EventLogSettings,
  deps: EventLogDeps,
): Promise<EventLog> {
  switch (settings.engine) {
    case 'embedded':
      return openEmbeddedEventLog({ directory: settings.directory, ...deps });
    case 'kafka': {
      // Only where it is used: kafkajs alone takes 18 MB and 0.2 s.
      const { openKafkaEventLog } = await import('./kafka/kafka-event-log.ts');
      return openKafkaEventLog({ settings, ...deps });
    }
    default:
      return settings satisfies never;
  }
}
