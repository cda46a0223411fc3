import { Kafka, logLevel } from 'kafkajs';

/** Whether this broker answers and sees, itself included, at least `brokers` that are alive. */
export async function kafkaAnswers(port: number, brokers: number): Promise<boolean> {
  const kafka = new Kafka({
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const alive = (await admin.describeCluster()).brokers.map((broker) => broker.port);
    return alive.length >= brokers && alive.includes(port);
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
