export {
  mongoOutbox,
  outboxFields,
  outboxIndex,
  withEvents,
  withLastEvents,
} from './mongo-outbox.ts';
