import { existsSync } from 'node:fs';
import {
  type CloudEvent,
  type EventLog,
  openEmbeddedEventLog,
  openEventLog,
  readEventLogSettings,
} from '@credential-renewal/events';
import { topics } from '@credential-renewal/proto/event-topics';
import { createLogger, readSettings, systemClock } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { findEventProblems } from './event-validator.ts';
import { createHistoryValidator, type HistoryValidator } from './history-validator.ts';

const shown = 20;

/** Throws when an event of the log, or all of them together, are not as the contract says; answers with how many there are. */
export async function validateEvents(log: EventLog): Promise<number> {
  const problems: string[] = [];
  const history = createHistoryValidator();
  let events = 0;
  const { promise: caughtUp, resolve } = Promise.withResolvers<void>();
  const tail = await log.tail({
    topics: topics.map(({ name }) => name),
    from: 'start',
    handle({ topic, partition, offset, event }) {
      events++;
      const place = `${topic} partition ${partition} offset ${offset}`;
      problems.push(...problemsOf(event, history).map((problem) => `${place}: ${problem}`));
    },
    caughtUp: resolve,
  });
  await caughtUp;
  await tail.stop();
  // Of events that are broken themselves there is no history to speak of.
  if (problems.length === 0) problems.push(...history.problems());
  if (problems.length === 0) return events;
  throw new Error(
    `Events that are not as the contract says:\n${problems.slice(0, shown).join('\n')}`,
  );
}

/** A log delivers again what its handler has thrown at, for ever. So what not even the validators can read is a problem as well. */
function problemsOf(event: CloudEvent, history: HistoryValidator): string[] {
  try {
    history.add(event);
    return findEventProblems(event);
  } catch (error) {
    return [`it could not be checked: ${error instanceof Error ? error.message : error}`];
  }
}

/** The same for the log that a process which has ended left in a directory; 0 where it never had one. */
export async function validateEmbeddedEvents(directory: string): Promise<number> {
  if (!existsSync(directory)) return 0;
  const logger = createLogger({ service: 'test', level: 'error' });
  const log = await openEmbeddedEventLog({ directory, clock: systemClock, logger });
  try {
    return await validateEvents(log);
  } finally {
    await log.close();
  }
}

/** The same for the topics of brokers that are this product's alone. */
export async function validateKafkaEvents(brokers: string[]): Promise<number> {
  const logger = createLogger({ service: 'test', level: 'error' });
  const settings = readSettings(
    { EVENT_LOG_URL: `kafka:${brokers.join(',')}` },
    readEventLogSettings,
  );
  const log = await openEventLog(settings, {
    ...{ service: 'contract', clock: systemClock, logger, metrics: new Registry() },
  });
  try {
    return await validateEvents(log);
  } finally {
    await log.close();
  }
}
