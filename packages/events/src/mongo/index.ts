export { mongoOutbox, outboxFields, outboxIndex, withEvents } from './mongo-outbox.ts';
