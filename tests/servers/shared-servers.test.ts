import { expect, test } from 'vitest';

test('test files know the servers of the run', () => {
  expect(process.env.TEST_KAFKA_BROKERS).toMatch(/^127/);
  expect(process.env.TEST_MONGODB_URL).toMatch(/^mongodb/);
  expect(process.env.TEST_SERVER_FACTS).toMatch(/{/);
});
