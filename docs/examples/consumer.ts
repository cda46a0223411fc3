// Prints each expired credential once. npm install kafkajs; KAFKA_BROKERS=localhost:9092 node consumer.ts
import { Kafka, logLevel } from 'kafkajs';

const { KAFKA_BROKERS: brokers = 'localhost:9092', TOPIC, GROUP_ID } = process.env;
// Keep both in your database, in the transaction that does the work: after a crash, events since the last commit come again.
const seen = new Set<string>();
const versions = new Map<string, bigint>();

const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: GROUP_ID ?? 'example' });
await consumer.connect();
await consumer.subscribe({ topic: TOPIC ?? 'credential.expired', fromBeginning: true });
await consumer.run({
  async eachMessage({ message: { headers, value } }) {
    const id = String(headers?.['ce_id']);
    const { credentialId, version, reason } = JSON.parse(String(value));
    if (seen.has(id) || BigInt(version) < (versions.get(credentialId) ?? 0n)) return;
    // Later versions may name others than today's: what this program does not know must not stop it.
    const helper = reason.resolver === 'RESOLVER_USER' ? 'its creator' : 'somebody else';
    process.stdout.write(`${credentialId} expired (${reason.code}): ${helper} can help\n`);
    seen.add(id);
    versions.set(credentialId, BigInt(version));
  },
});
