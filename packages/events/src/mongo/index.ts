export { inboxCollection, inboxIndex, mongoInbox } from './mongo-inbox.ts';
export {
  mongoOutbox,
  outboxFields,
  outboxIndex,
  withEvents,
  withLastEvents,
} from './mongo-outbox.ts';
