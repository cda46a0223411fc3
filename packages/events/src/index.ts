export {
  type CloudEvent,
  compactedTopics,
  formatSequence,
  type Topic,
  topics,
} from './cloud-event.ts';
export type { EventLog, LoggedEvent, Subscription } from './event-log.ts';
export type { Outbox } from './outbox.ts';
