import { join } from 'node:path';
import { type CloudEvent, openEmbeddedEventLog } from '@credential-renewal/events';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { validateEvents } from '../contract/validate-events.ts';

/**
 * Every event of a stopped standalone's log, in order, each id once: at least once is the log's promise, and its consumers
 * drop what they have seen. Throws when one is not as the contract says.
 */
export async function readEvents(dataDirectory: string, topic: string): Promise<CloudEvent[]> {
  const logger = createLogger({ service: 'test', level: 'error' });
  const log = await openEmbeddedEventLog({
    directory: join(dataDirectory, 'events'),
    clock: systemClock,
    logger,
  });
  await validateEvents(log);
  const events = new Map<string, CloudEvent>();
  await new Promise<void>((caughtUp, failed) => {
    log
      .tail({
        topics: [topic],
        from: 'start',
        handle: ({ event }) => void events.set(event.id, event),
        caughtUp,
      })
      .catch(failed);
  });
  await log.close();
  return [...events.values()];
}

/** Subjects whose sequence numbers are not 1, 2, 3 ... without a gap or a double. */
export function findBrokenSequences(
  events: readonly Pick<CloudEvent, 'subject' | 'sequence'>[],
): string[] {
  const bySubject = Map.groupBy(events, ({ subject }) => subject);
  return [...bySubject]
    .filter(([, history]) => history.some(({ sequence }, index) => Number(sequence) !== index + 1))
    .map(([subject]) => subject);
}
