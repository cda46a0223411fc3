import { eventLogContract } from '../event-log.contract.ts';
import { createTestTopics } from './open-test-log.ts';

const brokers = process.env['TEST_KAFKA_BROKERS'] ?? '';

eventLogContract('the event log in Kafka', async () => {
  const { open, remove } = await createTestTopics(brokers);
  let log = await open();
  return {
    log,
    async reopen() {
      await log.close();
      log = await open();
      return log;
    },
    async dispose() {
      await log.close();
      await remove();
    },
  };
});
