export { buildEvent } from './build-event.ts';
export {
  type CloudEvent,
  compactedTopics,
  formatSequence,
  type Topic,
  topics,
} from './cloud-event.ts';
export { classifyHandlerError, createConsumer, type HandlerFailure } from './consumer.ts';
export { openEmbeddedEventLog } from './embedded-event-log.ts';
export {
  EventLogInUseError,
  EventUnreadableError,
  TopicUnknownError,
} from './errors.ts';
export type { DeadLetter, EventLog, LoggedEvent, Subscription } from './event-log.ts';
export { type EventLogSettings, readEventLogSettings } from './event-log-settings.ts';
export type { KafkaSettings } from './kafka/kafka-settings.ts';
export { type EventLogDeps, openEventLog } from './open-event-log.ts';
export type { Outbox } from './outbox.ts';
export { measureOutbox } from './outbox-metrics.ts';
export { createOutboxRelay, type OutboxRelay } from './outbox-relay.ts';
export { readEventData } from './read-event-data.ts';
export { firstSeen, sqliteInboxSchema } from './sqlite-inbox.ts';
export { appendToOutbox, sqliteOutbox, sqliteOutboxSchema } from './sqlite-outbox.ts';
