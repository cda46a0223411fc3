import { Kafka, type KafkaMessage, logLevel } from 'kafkajs';

export type KafkaRecord = { topic: string; message: KafkaMessage };

/** Everything that Kafka holds of the product's topics, in the order of each partition. */
export async function readRecords(brokers: string[]): Promise<KafkaRecord[]> {
  const kafka = new Kafka({ clientId: 'reader', brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('__'));
  const last = new Set<string>();
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
      if (low !== high) last.add(`${topic} ${partition} ${BigInt(high) - 1n}`);
  }
  await admin.disconnect();

  const records: KafkaRecord[] = [];
  const consumer = kafka.consumer({ groupId: 'reader' });
  const { promise: caughtUp, resolve } = Promise.withResolvers<void>();
  if (last.size === 0) resolve();
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    async eachMessage({ topic, partition, message }) {
      records.push({ topic, message });
      last.delete(`${topic} ${partition} ${message.offset}`);
      if (last.size === 0) resolve();
    },
  });
  await caughtUp;
  await consumer.disconnect();
  return records;
}

export type TopicEvent = { id: string; subject: string; sequence: string; data: unknown };

/** The events of a topic as their headers tell of them, each id once: at least once is the log's promise. */
export function eventsOf(records: readonly KafkaRecord[], topic: string): TopicEvent[] {
  const events = new Map<string, TopicEvent>();
  for (const { message } of records.filter((record) => record.topic === topic)) {
    const header = (name: string) => String(message.headers?.[name]);
    const event = {
      id: header('ce_id'),
      subject: header('ce_subject'),
      sequence: header('ce_sequence'),
    };
    const data: unknown = message.value ? JSON.parse(message.value.toString()) : null;
    if (!events.has(event.id)) events.set(event.id, { ...event, data });
  }
  return [...events.values()];
}
