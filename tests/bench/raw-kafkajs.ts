import type { CloudEvent } from '@credential-renewal/events';
import { Kafka, logLevel, Partitioners } from 'kafkajs';

/** What is measured of an event log. */
export type MeasuredLog = {
  /** Resolves when the broker has acknowledged all of them. */
  write(events: readonly CloudEvent[]): Promise<void>;
  /** When the event came to a handler (`performance.now()`). */
  handled(id: string): Promise<number>;
  close(): Promise<void>;
};

/** A relay sends so many at once. */
const batchSize = 100;

/** kafkajs as its manual shows it: its producer and its consumer, JSON in the value, nothing of ours. */
export async function openRawKafkajs(brokers: string[], topic: string): Promise<MeasuredLog> {
  const kafka = new Kafka({ clientId: 'bench', brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const consumer = kafka.consumer({ groupId: `bench-${process.pid}`, maxWaitTimeInMs: 250 });
  await Promise.all([producer.connect(), consumer.connect()]);
  const handlers = new Map<string, (atMs: number) => void>();
  await consumer.subscribe({ topic });
  const joined = new Promise<void>((resolve) => {
    consumer.on('consumer.group_join', () => resolve());
  });
  await consumer.run({
    partitionsConsumedConcurrently: 8,
    async eachMessage({ message }) {
      const id = String(message.headers?.['ce_id']);
      handlers.get(id)?.(performance.now());
      handlers.delete(id);
    },
  });
  await joined;
  return {
    async write(events) {
      for (let first = 0; first < events.length; first += batchSize) {
        const messages = events.slice(first, first + batchSize).map((event) => ({
          key: event.partitionkey,
          value: JSON.stringify(event.data),
          headers: { ce_id: event.id, ce_type: event.type },
        }));
        await producer.send({ topic, acks: -1, messages });
      }
    },
    handled: (id) => new Promise((resolve) => void handlers.set(id, resolve)),
    async close() {
      await Promise.all([producer.disconnect(), consumer.disconnect()]);
    },
  };
}
